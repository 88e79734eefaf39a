import { tsImport } from 'tsx/esm/api';

// Jest loads this file outside of its transforms.
const { ServerBroker } = await tsImport('./server-broker.ts', import.meta.url);

/** Offers the servers that specs share. */
export const broker = await ServerBroker.start();

/** Runs once, before the workers start. */
export default function setUp() {
  process.env.TEST_SERVER_BROKER = broker.url;
}
