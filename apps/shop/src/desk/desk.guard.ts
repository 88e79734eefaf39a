import type { IncomingMessage, ServerResponse } from 'node:http';
import { type CanActivate, type ExecutionContext, HttpStatus, Inject, Injectable } from '@nestjs/common';
import type { Clock } from 'nestjs-wanpay';
import { Problem } from '../pages/problem.js';
import type { Wording } from '../payment-page/language.js';
import { CLOCK } from '../shop-clock.module.js';
import { DeskPassword } from './desk.password.js';
import { WrongGuesses } from './wrong-guesses.js';

/**
 * Asks for the desk's password (HTTP Basic; the name does not matter). Nothing else opens the desk: behind a proxy every
 * connection comes from this machine, and headers say what a stranger likes. Forms of other sites, with which a browser would
 * send the password along, are refused by the shop's `SameOriginGuard`.
 */
@Injectable()
export class DeskGuard implements CanActivate {
  private readonly wrongGuesses = new WrongGuesses();

  constructor(
    private readonly password: DeskPassword,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  canActivate(context: ExecutionContext): boolean {
    const { socket, headers } = context.switchToHttp().getRequest<IncomingMessage>();
    const response = context.switchToHttp().getResponse<ServerResponse>();
    if (!this.password.isSet) throw new Problem(HttpStatus.FORBIDDEN, [CLOSED]);
    const guess = passwordOf(headers.authorization);
    if (guess === undefined) throw asking(response);
    const { remoteAddress = '' } = socket;
    const waitSeconds = this.wrongGuesses.waitSeconds(remoteAddress, this.clock.now());
    if (waitSeconds > 0) {
      response.setHeader('Retry-After', waitSeconds);
      throw new Problem(HttpStatus.TOO_MANY_REQUESTS, [tooMany(waitSeconds)]);
    }
    if (this.password.matches(guess)) return true;
    this.wrongGuesses.add(remoteAddress, this.clock.now());
    throw asking(response);
  }
}

const CLOSED: Wording = {
  chinese: '店家後台未開放：請先設定環境變數 SHOP_DESK_PASSWORD。',
  english: 'The merchant’s desk is closed: set SHOP_DESK_PASSWORD in the environment to open it.',
};
const NEEDS_PASSWORD: Wording = {
  chinese: '請輸入店家後台的密碼（環境變數 SHOP_DESK_PASSWORD）。',
  english: 'Enter the desk’s password (SHOP_DESK_PASSWORD in the environment).',
};

function tooMany(waitSeconds: number): Wording {
  const minutes = Math.ceil(waitSeconds / 60);
  return {
    chinese: `密碼錯誤次數過多，請於 ${minutes} 分鐘後再試。`,
    english: `Too many wrong passwords: try again in ${minutes} minutes.`,
  };
}

/** Has a browser ask for the password. */
function asking(response: ServerResponse): Problem {
  response.setHeader('WWW-Authenticate', 'Basic realm="desk", charset="UTF-8"');
  return new Problem(HttpStatus.UNAUTHORIZED, [NEEDS_PASSWORD]);
}

/** What follows the name in `Basic base64(name:password)`. */
function passwordOf(authorization = ''): string | undefined {
  const [, encoded] = /^Basic ([\w+/=-]+)$/i.exec(authorization) ?? [];
  return encoded && /:(.*)$/s.exec(Buffer.from(encoded, 'base64').toString())?.[1];
}
