import 'reflect-metadata';
import type { ConfigType } from '@nestjs/config';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { AppModule } from './app.module.js';
import { configureApp } from './configure-app.js';
import { shopConfig } from './shop.config.js';

const app = await NestFactory.create<NestExpressApplication>(AppModule, { forceCloseConnections: true });
configureApp(app);
const { host, port, deskPassword } = app.get<ConfigType<typeof shopConfig>>(shopConfig.KEY);

try {
  await app.listen(port, host);
  if (deskPassword === undefined) console.log('The merchant’s desk is closed: set SHOP_DESK_PASSWORD to open it.');
  console.log(`Shop: ${await app.getUrl()}`);
} catch (error) {
  if (!isPortTaken(error)) throw error;
  console.error(`Cannot listen on ${host}, port ${port}: the port is taken. Set SHOP_PORT to another.`);
  process.exitCode = 1;
  await app.close();
}

function isPortTaken(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
}
