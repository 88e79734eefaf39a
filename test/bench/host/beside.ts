// The controllers that stand beside the module's.
import { createHash, timingSafeEqual } from 'node:crypto';
import {
  Body,
  type CanActivate,
  Controller,
  type ExecutionContext,
  HttpCode,
  Inject,
  Injectable,
  Post,
  UnauthorizedException,
  UseGuards,
  ValidationPipe,
} from '@nestjs/common';
import { IsNumberString, IsOptional, IsString, Length } from 'class-validator';
import type { Pool } from 'pg';
import { settleInTransaction } from '../database/by-hand.js';
import { MERCHANT } from '../orders.js';

const PATH = 'wanpay/notifications';

/** The floor: a route that parses the form and replies. */
@Controller(PATH)
export class BareController {
  @Post()
  @HttpCode(200)
  receive(@Body() body: Record<string, string>): string {
    return 'out_trade_no' in body ? 'success' : 'fail';
  }
}

/** The fields, as a DTO of class-validator. */
export class NotificationDto {
  @IsString() @Length(1, 30) orgno!: string;
  @IsNumberString() @Length(10, 10) secondtimestamp!: string;
  @IsString() @Length(8, 8) nonce_str!: string;
  @IsString() @Length(32, 32) sign!: string;
  @IsString() @Length(1, 30) out_trade_no!: string;
  @IsString() @Length(3, 4) status!: string;
  @IsOptional() @IsString() result?: string;
  @IsOptional() @IsString() @Length(1, 12) total_fee?: string;
  @IsOptional() @IsString() orderdate?: string;
  @IsOptional() @IsString() @Length(3, 3) bankno?: string;
  @IsOptional() @IsString() @Length(1, 16) acctno?: string;
}

/** Checks the signature as a host would that has no module. */
@Injectable()
export class SignatureGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const { body } = context.switchToHttp().getRequest<{ body: Record<string, string> }>();
    const text = Object.keys(body)
      .filter((name) => name !== 'sign' && body[name] !== '')
      .sort()
      .map((name) => `${name}=${body[name] ?? ''}`)
      .join('&');
    const expected = createHash('md5').update(`${text}&key=${MERCHANT.key}`).digest('hex').toUpperCase();
    const given = body.sign ?? '';
    if (given.length === expected.length && timingSafeEqual(Buffer.from(given), Buffer.from(expected))) return true;
    throw new UnauthorizedException();
  }
}

/** The peer: a guard, a ValidationPipe with a DTO, and a map of what is paid. */
@Controller(PATH)
export class DtoController {
  private readonly paid = new Map<string, NotificationDto>();

  @Post()
  @HttpCode(200)
  @UseGuards(SignatureGuard)
  receive(@Body(new ValidationPipe({ transform: true, whitelist: true })) notification: NotificationDto): string {
    this.paid.set(notification.out_trade_no, notification);
    return 'success';
  }
}

/** What the pool of {@link ByHandController} is provided as. */
export const POOL = Symbol('Pool');

/** One transaction per notification, and no signature checked. */
@Controller(PATH)
export class ByHandController {
  constructor(@Inject(POOL) private readonly pool: Pool) {}

  @Post()
  @HttpCode(200)
  async receive(@Body() { out_trade_no = '' }: Record<string, string>): Promise<string> {
    await settleInTransaction(this.pool, out_trade_no);
    return 'success';
  }
}
