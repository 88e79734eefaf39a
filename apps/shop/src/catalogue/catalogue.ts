import { Injectable } from '@nestjs/common';

/** Something the shop sells. */
export interface Item {
  readonly id: string;
  readonly name: string;
  readonly englishName: string;
  readonly description: string;
  readonly englishDescription: string;
  /** The name of an asset. */
  readonly picture: string;
  /** Whole New Taiwan dollars. WanPay takes orders from NT$11. */
  readonly price: number;
}

const ITEMS: readonly Item[] = [
  {
    id: 'oolong',
    name: '高山烏龍茶 150 克',
    englishName: 'High mountain oolong, 150 g',
    description: '清晨手採，輕焙火，回甘長。',
    englishDescription: 'Picked by hand at dawn, lightly roasted, with a long sweet finish.',
    picture: 'oolong.svg',
    price: 480,
  },
  {
    id: 'pineapple-cake',
    name: '土鳳梨酥 12 入',
    englishName: 'Pineapple cakes, box of 12',
    description: '酸香土鳳梨，奶油酥皮。',
    englishDescription: 'Tart native pineapple in a butter crust.',
    picture: 'pineapple-cake.svg',
    price: 360,
  },
  {
    id: 'teapot',
    name: '手拉坯茶壺',
    englishName: 'Hand-thrown teapot',
    description: '陶土本色，容量 180 毫升。',
    englishDescription: 'Of bare clay, and no two alike. Holds 180 ml.',
    picture: 'teapot.svg',
    price: 1280,
  },
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
