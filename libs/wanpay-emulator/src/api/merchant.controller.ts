import { type ServerResponse } from 'node:http';
import { Body, Get, HttpCode, Param, Post, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsArray, IsNotEmpty, IsOptional, IsString } from 'class-validator';
import { answer, sendJson } from '../http/answer.js';
import { Merchants } from '../merchants/merchants.js';
import { ControlApi } from './control-api.decorator.js';
import { LinesFromForm } from './from-form.js';
import { listOf, one } from './schemas.js';

const SOURCES = 'IPv4 and IPv6 addresses and CIDR ranges it may call from. Default: any.';

/** A key of a merchant. */
export class KeyBody {
  @ApiProperty({ description: 'The signing key.' })
  @IsString()
  @IsNotEmpty({ message: 'is missing' })
  readonly key: string = '';
}

/** Where a merchant may call from. */
export class SourcesBody {
  @ApiPropertyOptional({ description: SOURCES, type: [String] })
  @IsOptional()
  @LinesFromForm()
  @IsArray()
  @IsString({ each: true })
  readonly allowedSources?: string[];
}

/** A merchant to be added. */
export class MerchantBody extends SourcesBody {
  @ApiProperty({ description: 'At most 30 characters.' })
  @IsString()
  @IsNotEmpty({ message: 'is missing' })
  readonly merchantNo: string = '';

  @ApiProperty({ description: 'The signing key.' })
  @IsString()
  @IsNotEmpty({ message: 'is missing' })
  readonly key: string = '';
}

/** The merchants that the platform knows, and their keys. */
@ControlApi('merchants', 'merchants')
export class MerchantController {
  constructor(private readonly merchants: Merchants) {}

  @Get()
  @ApiOperation({ summary: 'Every merchant, without its keys' })
  @ApiOkResponse({ schema: listOf('Merchant') })
  list(@Res() response: ServerResponse): void {
    sendJson(response, this.merchants.list());
  }

  @Post()
  @HttpCode(200)
  @ApiOperation({ summary: 'Adds a merchant' })
  @ApiOkResponse({ schema: one('Merchant') })
  add(@Body() { merchantNo, key, allowedSources }: MerchantBody, @Res() response: ServerResponse): void {
    answer(response, this.merchants.add({ merchantNo, key, ...(allowedSources ? { allowedSources } : {}) }));
  }

  @Post(':merchantNo/keys')
  @HttpCode(200)
  @ApiOperation({ summary: 'Adds a key, which signs from now on; the older ones go on verifying' })
  @ApiOkResponse({ schema: one('Merchant') })
  addKey(@Param('merchantNo') merchantNo: string, @Body() { key }: KeyBody, @Res() response: ServerResponse): void {
    answer(response, this.merchants.addKey(merchantNo, key));
  }

  @Post(':merchantNo/keys/:keyId/remove')
  @HttpCode(200)
  @ApiOperation({ summary: 'Removes a key, which no longer verifies' })
  @ApiOkResponse({ schema: one('Merchant') })
  removeKey(
    @Param('merchantNo') merchantNo: string,
    @Param('keyId') keyId: string,
    @Res() response: ServerResponse,
  ): void {
    answer(response, this.merchants.removeKey(merchantNo, keyId));
  }

  @Post(':merchantNo/sources')
  @HttpCode(200)
  @ApiOperation({ summary: 'Says where a merchant may call from' })
  @ApiOkResponse({ schema: one('Merchant') })
  allowSources(
    @Param('merchantNo') merchantNo: string,
    @Body() { allowedSources }: SourcesBody,
    @Res() response: ServerResponse,
  ): void {
    answer(response, this.merchants.allowSources(merchantNo, allowedSources));
  }
}
