import type { Tool, ToolName } from './tool.js';

type Open = (url: string) => Promise<Tool<unknown>>;

/** How each tool is opened that the worker in TypeScript has: each is loaded by who opens it. */
export const OPEN: Readonly<Record<Exclude<ToolName, 'cls'>, Open>> = {
  typeorm: async (url) => (await import('./typeorm.tool.js')).typeorm(url),
  typeorm03: async (url) => (await import('./typeorm-03.tool.js')).typeorm03(url),
  mikroOrm: async (url) => (await import('./mikro-orm.tool.js')).mikroOrm(url),
  drizzle: async (url) => (await import('./drizzle.tool.js')).drizzle(url),
  kysely: async (url) => (await import('./kysely.tool.js')).kysely(url),
  knex: async (url) => (await import('./knex.tool.js')).knex(url),
};
