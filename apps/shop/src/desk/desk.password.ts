import { createHash, timingSafeEqual } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import type { ConfigType } from '@nestjs/config';
import { shopConfig } from '../shop.config.js';

/** The password of the merchant's desk, of which only a digest is kept here. */
@Injectable()
export class DeskPassword {
  readonly #digest: Buffer | undefined;

  constructor(@Inject(shopConfig.KEY) { deskPassword }: ConfigType<typeof shopConfig>) {
    this.#digest = deskPassword === undefined ? undefined : digestOf(deskPassword);
  }

  get isSet(): boolean {
    return this.#digest !== undefined;
  }

  /** Takes the same time whatever the guess has right. */
  matches(guess: string): boolean {
    return this.#digest !== undefined && timingSafeEqual(this.#digest, digestOf(guess));
  }
}

function digestOf(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
