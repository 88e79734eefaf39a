import { Injectable } from '@nestjs/common';

/** Something the shop sells. */
export interface Item {
  readonly id: string;
  readonly name: string;
  readonly englishName: string;
  /** Whole New Taiwan dollars. WanPay takes orders from NT$11. */
  readonly price: number;
}

const ITEMS: readonly Item[] = [
  { id: 'oolong', name: '高山烏龍茶 150 克', englishName: 'High mountain oolong, 150 g', price: 480 },
  { id: 'pineapple-cake', name: '土鳳梨酥 12 入', englishName: 'Pineapple cakes, box of 12', price: 360 },
  { id: 'teapot', name: '手拉坯茶壺', englishName: 'Hand-thrown teapot', price: 1280 },
];

/** What the shop sells. */
@Injectable()
export class Catalogue {
  list(): readonly Item[] {
    return ITEMS;
  }

  find(id: string): Item | undefined {
    return ITEMS.find((item) => item.id === id);
  }
}
