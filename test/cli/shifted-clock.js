/* Preloaded into a command: this machine's clock, off by CLOCK_SHIFT_MS. */
const shift = Number(process.env.CLOCK_SHIFT_MS);
const Exact = Date;

globalThis.Date = class extends Exact {
  constructor(...given) {
    if (given.length === 0) super(Exact.now() + shift);
    else super(...given);
  }

  static now() {
    return Exact.now() + shift;
  }
};
