import { type IncomingMessage, type ServerResponse } from 'node:http';
import { Controller, Get, NotFoundException, Param, Req, Res, UseGuards } from '@nestjs/common';
import { pageOf } from '../http/answer.js';
import { ConsoleGuard } from '../http/console.guard.js';
import { sendFresh, SECURITY_HEADERS } from '../http/security-headers.js';
import { findAsset } from './assets.js';
import { ConsolePages } from './console.pages.js';
import { asLanguage, LANGUAGE_COOKIE } from './language.js';

const FOR_EVER = 'public, max-age=31536000, immutable';
const YEAR_SECONDS = 31_536_000;
const PAGES = [
  '/',
  'orders/:merchantNo/:orderNo',
  'notifications',
  'requests',
  'requests/:number',
  'faults',
  'merchants',
  'session',
  'api/docs',
];

/** The console: pages on which a person watches, pays, and lets things go wrong. They change nothing by themselves. */
@Controller()
@UseGuards(ConsoleGuard)
export class ConsoleController {
  constructor(private readonly pages: ConsolePages) {}

  @Get(PAGES)
  page(@Req() request: IncomingMessage, @Res() response: ServerResponse): void {
    sendFresh(response, 'text/html', this.pages.show(request, request.url ?? '/'));
  }

  @Get('language/:language')
  language(@Param('language') name: string, @Res() response: ServerResponse): void {
    const language = asLanguage(name);
    if (!language) throw new NotFoundException('There is no such language here.');
    response.writeHead(303, {
      ...SECURITY_HEADERS,
      'cache-control': 'no-store',
      'set-cookie': `${LANGUAGE_COOKIE}=${language}; Path=/; Max-Age=${YEAR_SECONDS}; SameSite=Lax; HttpOnly`,
      location: pageOf(response.req),
    });
    response.end();
  }

  @Get('assets/:version/:name')
  asset(@Param('version') version: string, @Param('name') name: string, @Res() response: ServerResponse): void {
    const asset = findAsset(version, name);
    if (!asset) throw new NotFoundException('There is no such file.');
    response.writeHead(200, { ...SECURITY_HEADERS, 'content-type': asset.contentType, 'cache-control': FOR_EVER });
    response.end(asset.content);
  }
}
