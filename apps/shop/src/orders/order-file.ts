import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Inject, Injectable } from '@nestjs/common';
import type { ConfigType } from '@nestjs/config';
import { shopConfig } from '../shop.config.js';
import type { Order } from './order.js';

/** All that the shop knows of its orders. */
export interface SavedOrders {
  readonly orders: readonly Order[];
  /** The events that were applied to them. */
  readonly appliedEvents: readonly string[];
}

/** The fields of an order that hold a moment; in JSON it is text. */
const MOMENTS = new Set(['paidAt', 'createdAt', 'updatedAt', 'expiresAt']);

/** A file in place of the database that a real shop has: orders and applied events change together, or not at all. */
@Injectable()
export class OrderFile {
  constructor(@Inject(shopConfig.KEY) private readonly config: Pick<ConfigType<typeof shopConfig>, 'data'>) {}

  read(): SavedOrders {
    if (!existsSync(this.path)) return { orders: [], appliedEvents: [] };
    const saved: unknown = JSON.parse(readFileSync(this.path, 'utf8'), revive);
    if (isSavedOrders(saved)) return saved;
    throw new Error(`${this.path} does not hold the shop's orders.`);
  }

  /** When it returns, the file holds this and nothing else; a crash leaves what it held before. */
  write(saved: SavedOrders): void {
    mkdirSync(this.config.data, { recursive: true });
    const next = `${this.path}.next`;
    writeFileSync(next, JSON.stringify(saved), { flush: true });
    renameSync(next, this.path);
  }

  private get path(): string {
    return join(this.config.data, 'orders.json');
  }
}

function revive(name: string, value: unknown): unknown {
  return MOMENTS.has(name) && typeof value === 'string' ? new Date(value) : value;
}

function isSavedOrders(value: unknown): value is SavedOrders {
  return typeof value === 'object' && value !== null && 'orders' in value && 'appliedEvents' in value;
}
