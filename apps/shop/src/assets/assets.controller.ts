import type { ServerResponse } from 'node:http';
import { Controller, Get, NotFoundException, Param, Res } from '@nestjs/common';
import { findAsset } from './assets.js';

/** Style, scripts and pictures. */
@Controller('assets')
export class AssetsController {
  @Get(':hash/:name')
  send(@Param('hash') hash: string, @Param('name') name: string, @Res() response: ServerResponse): void {
    const asset = findAsset(hash, name);
    if (!asset) throw new NotFoundException();
    response.setHeader('Content-Type', asset.type);
    response.setHeader('Cache-Control', 'public, max-age=31536000, immutable');
    response.end(asset.content);
  }
}
