import { registerAs } from '@nestjs/config';

/** Where the shop listens: `SHOP_HOST` and `SHOP_PORT`, left out this machine only and 3000. */
export const shopConfig = registerAs('shop', () => ({
  host: process.env.SHOP_HOST ?? '127.0.0.1',
  port: readPort(process.env.SHOP_PORT ?? '3000'),
}));

function readPort(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : NaN;
  if (port <= 65_535) return port;
  throw new Error(`SHOP_PORT must be a number from 0 to 65535; it is "${text}".`);
}
