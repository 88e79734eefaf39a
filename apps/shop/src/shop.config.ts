import { registerAs } from '@nestjs/config';

/**
 * Where the shop listens: `SHOP_HOST` and `SHOP_PORT`, left out this machine only and 3000. Where it keeps what must not
 * be lost: in the folder `SHOP_DATA`, left out `shop-data`; payments in PostgreSQL where `DATABASE_URL` names one.
 */
export const shopConfig = registerAs('shop', () => ({
  host: process.env.SHOP_HOST ?? '127.0.0.1',
  port: readPort(process.env.SHOP_PORT ?? '3000'),
  data: process.env.SHOP_DATA ?? 'shop-data',
  databaseUrl: process.env.DATABASE_URL,
}));

function readPort(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : NaN;
  if (port <= 65_535) return port;
  throw new Error(`SHOP_PORT must be a number from 0 to 65535; it is "${text}".`);
}
