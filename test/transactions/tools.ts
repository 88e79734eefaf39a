import { drizzle } from './drizzle.tool.js';
import { knex } from './knex.tool.js';
import { kysely } from './kysely.tool.js';
import { mikroOrm } from './mikro-orm.tool.js';
import type { Tool, ToolName } from './tool.js';
import { typeorm } from './typeorm.tool.js';
import { typeorm03 } from './typeorm-03.tool.js';

/** How each tool is opened that the worker in TypeScript has. */
export const OPEN: Readonly<Record<Exclude<ToolName, 'cls'>, (url: string) => Promise<Tool<unknown>>>> = {
  ...{ typeorm, typeorm03, mikroOrm, drizzle, kysely, knex },
};
