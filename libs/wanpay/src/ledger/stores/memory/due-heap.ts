import { toDate, toMoment } from './moments.js';

/** Something that falls due. It is in one heap at a time. */
export interface Due {
  /** When it is due. To change it, use {@link DueHeap.put}. */
  due: number;
  /** Where it is in its heap; {@link OUT} while it is in none. Only the heap may write it. */
  place: number;
}

/** The place of what is in no heap. */
export const OUT = -1;

/** Things by when they are due, so that finding the next one costs the same however many wait. */
export class DueHeap<Item extends Due> {
  readonly #items: Item[] = [];

  /** What is due first. */
  get first(): Item | undefined {
    return this.#items[0];
  }

  /** Takes something in, or moves it once it is due at another moment. */
  put(item: Item, due: number): void {
    item.due = due;
    if (item.place === OUT) {
      item.place = this.#items.length;
      this.#items.push(item);
    }
    this.sink(this.rise(item));
  }

  remove(item: Item): void {
    if (item.place === OUT) return;
    const last = this.#items.pop();
    if (last && last !== item) {
      this.set(last, item.place);
      this.sink(this.rise(last));
    }
    item.place = OUT;
  }

  private rise(item: Item): Item {
    for (;;) {
      const parent = item.place > 0 ? this.#items[(item.place - 1) >> 1] : undefined;
      if (!parent || parent.due <= item.due) return item;
      this.swap(parent, item);
    }
  }

  private sink(item: Item): void {
    for (;;) {
      const left = this.#items[2 * item.place + 1];
      const right = this.#items[2 * item.place + 2];
      const child = left && right && right.due < left.due ? right : left;
      if (!child || child.due >= item.due) return;
      this.swap(item, child);
    }
  }

  private swap(upper: Item, lower: Item): void {
    const { place } = upper;
    this.set(upper, lower.place);
    this.set(lower, place);
  }

  private set(item: Item, place: number): void {
    this.#items[place] = item;
    item.place = place;
  }
}

/** Takes out of several heaps what is due, the longest due first. */
export function takeDue<Item extends Due>(heaps: readonly DueHeap<Item>[], now: Date, limit: number): Item[] {
  const taken: Item[] = [];
  const moment = toMoment(now);
  while (taken.length < limit) {
    const heap = earliest(heaps);
    if (!heap?.first || heap.first.due > moment) break;
    taken.push(heap.first);
    heap.remove(heap.first);
  }
  return taken;
}

/** When the next thing in several heaps is due. */
export function nextDue(heaps: readonly DueHeap<Due>[]): Date | undefined {
  const first = earliest(heaps)?.first;
  return first && toDate(first.due);
}

function earliest<Item extends Due>(heaps: readonly DueHeap<Item>[]): DueHeap<Item> | undefined {
  let earliest: DueHeap<Item> | undefined;
  for (const heap of heaps) {
    if (heap.first && (!earliest?.first || heap.first.due < earliest.first.due)) earliest = heap;
  }
  return earliest;
}
