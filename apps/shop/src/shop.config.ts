import { registerAs } from '@nestjs/config';

const MIN_PASSWORD_LENGTH = 12;

/**
 * Where the shop listens: `SHOP_HOST` and `SHOP_PORT`, left out this machine only and 3000. Where it keeps what must not
 * be lost: in the folder `SHOP_DATA`, left out `shop-data`. What opens the merchant's desk: `SHOP_DESK_PASSWORD`, left out
 * nothing. Which emulator it is a demonstration of, whose clock it then follows: `SHOP_EMULATOR_URL`, left out none.
 */
export const shopConfig = registerAs('shop', () => ({
  host: process.env.SHOP_HOST ?? '127.0.0.1',
  port: readPort(process.env.SHOP_PORT ?? '3000'),
  data: process.env.SHOP_DATA ?? 'shop-data',
  emulatorUrl: process.env.SHOP_EMULATOR_URL,
  deskPassword: readDeskPassword(process.env.SHOP_DESK_PASSWORD ?? ''),
}));

function readDeskPassword(text: string): string | undefined {
  if (text === '') return undefined;
  if (text.length >= MIN_PASSWORD_LENGTH) return text;
  throw new Error(
    `SHOP_DESK_PASSWORD must have at least ${MIN_PASSWORD_LENGTH} characters; \`openssl rand -base64 18\` makes a good one.`,
  );
}

function readPort(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : NaN;
  if (port <= 65_535) return port;
  throw new Error(`SHOP_PORT must be a number from 0 to 65535; it is "${text}".`);
}
