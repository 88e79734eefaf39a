import { broker } from './global-setup.js';

/** Runs once, after the last spec. */
export default function tearDown() {
  return broker.stop();
}
