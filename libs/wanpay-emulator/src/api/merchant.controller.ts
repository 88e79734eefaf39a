import { type ServerResponse } from 'node:http';
import { Body, Get, HttpCode, Param, Post, Res } from '@nestjs/common';
import { IsArray, IsNotEmpty, IsOptional, IsString } from 'class-validator';
import { answer, sendJson } from '../http/answer.js';
import { Merchants } from '../merchants/merchants.js';
import { ControlApi } from './control-api.decorator.js';
import { Operation, Property } from './described.js';
import { LinesFromForm } from './from-form.js';
import { listOf, one } from './schemas.js';

const SOURCES = 'IPv4 and IPv6 addresses and CIDR ranges it may call from. Default: any.';

/** A key of a merchant. */
export class KeyBody {
  @Property({ description: 'The signing key.' }, { required: true })
  @IsString()
  @IsNotEmpty({ message: 'is missing' })
  readonly key: string = '';
}

/** Where a merchant may call from. */
export class SourcesBody {
  @Property({ description: SOURCES, type: 'array', items: { type: 'string' } })
  @IsOptional()
  @LinesFromForm()
  @IsArray()
  @IsString({ each: true, message: 'must hold addresses as text' })
  readonly allowedSources?: string[];
}

/** A merchant to be added. */
export class MerchantBody extends SourcesBody {
  @Property({ description: 'At most 30 characters.' }, { required: true })
  @IsString()
  @IsNotEmpty({ message: 'is missing' })
  readonly merchantNo: string = '';

  @Property({ description: 'The signing key.' }, { required: true })
  @IsString()
  @IsNotEmpty({ message: 'is missing' })
  readonly key: string = '';
}

/** The merchants that the platform knows, and their keys. */
@ControlApi('merchants')
export class MerchantController {
  constructor(private readonly merchants: Merchants) {}

  @Get()
  @Operation('Every merchant, without its keys', listOf('Merchant'))
  list(@Res() response: ServerResponse): void {
    sendJson(response, this.merchants.list());
  }

  @Post()
  @HttpCode(200)
  @Operation('Adds a merchant', one('Merchant'))
  add(@Body() { merchantNo, key, allowedSources }: MerchantBody, @Res() response: ServerResponse): void {
    answer(response, this.merchants.add({ merchantNo, key, ...(allowedSources ? { allowedSources } : {}) }));
  }

  @Post(':merchantNo/keys')
  @HttpCode(200)
  @Operation('Adds a key, which signs from now on; the older ones go on verifying', one('Merchant'))
  addKey(@Param('merchantNo') merchantNo: string, @Body() { key }: KeyBody, @Res() response: ServerResponse): void {
    answer(response, this.merchants.addKey(merchantNo, key));
  }

  @Post(':merchantNo/keys/:keyId/remove')
  @HttpCode(200)
  @Operation('Removes a key, which no longer verifies', one('Merchant'))
  removeKey(
    @Param('merchantNo') merchantNo: string,
    @Param('keyId') keyId: string,
    @Res() response: ServerResponse,
  ): void {
    answer(response, this.merchants.removeKey(merchantNo, keyId));
  }

  @Post(':merchantNo/sources')
  @HttpCode(200)
  @Operation('Says where a merchant may call from', one('Merchant'))
  allowSources(
    @Param('merchantNo') merchantNo: string,
    @Body() { allowedSources }: SourcesBody,
    @Res() response: ServerResponse,
  ): void {
    answer(response, this.merchants.allowSources(merchantNo, allowedSources));
  }
}
