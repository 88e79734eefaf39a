import type { HostTransactions } from 'nestjs-wanpay/transactions';

/** The table of the host's own that handlers write. */
export const SHIPMENTS = 'create table shipments (order_no text not null, host text)';

/** A database tool as a host has it, connected. */
export interface Tool<Client> {
  readonly transactions: HostTransactions<Client>;
  /** Writes a row by the tool's own means. */
  insert(client: Client, orderNo: string): Promise<unknown>;
  /** Has the database wait. */
  sleep(client: Client, seconds: number): Promise<unknown>;
  close(): Promise<unknown>;
}

/** All tools, each by the name of its instance of the module where an application has one for each. */
export const TOOL_NAMES = ['typeorm', 'typeorm03', 'mikroOrm', 'drizzle', 'kysely', 'knex', 'cls'] as const;

export type ToolName = (typeof TOOL_NAMES)[number];

/** Where the ledger of such an instance is. */
export function schemaOf(tool: ToolName): string {
  return `wanpay_${tool.toLowerCase()}`;
}
