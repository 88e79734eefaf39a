import { homedir } from 'node:os';
import { join } from 'node:path';

const { XDG_CACHE_HOME = join(homedir(), '.cache') } = process.env;

/** What the hosts have installed, the versions of Node.js, and what worked: kept between runs, safe to delete. */
export const CACHE = join(XDG_CACHE_HOME, 'nestjs-wanpay', 'test-hosts');
