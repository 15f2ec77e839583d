const HALF = 2 ** 24;
/** The multiplier of the generator, 0x5DEECE66D, in two halves of 24 bits. */
const HIGH = 0x5de;
const LOW = 0xece66d;
const ADDEND = 0xb;
const MASK = HALF - 1;

/** The numbers of `java.util.Random`, for seeds that are whole numbers and not negative: a linear congruence of 48 bits, kept in two halves. */
export class JavaRandom {
  #high = 0;
  #low = 0;

  /** Begins anew. */
  seed(seed: number): void {
    const upper = Math.floor(seed / HALF);
    this.#high = (upper & MASK) ^ HIGH;
    this.#low = (seed - upper * HALF) ^ LOW;
  }

  #step(): void {
    const low = this.#low;
    // What is kept of a product fits into 32 bits; only what the lower half carries over needs all of them.
    const nextLow = (Math.imul(low, LOW) + ADDEND) & MASK;
    const carry = ((low * LOW + ADDEND - nextLow) / HALF) | 0;
    this.#high = (Math.imul(this.#high, LOW) + Math.imul(low, HIGH) + carry) & MASK;
    this.#low = nextLow;
  }

  /** A whole number from 0 up to, and without, a bound that fits into 31 bits. */
  nextInt(bound: number): number {
    let bits = this.#next31();
    if ((bound & -bound) === bound) return ((bound * bits) / 2 ** 31) | 0;
    let rest = bits % bound;
    while (bits - rest + bound - 1 >= 2 ** 31) {
      bits = this.#next31();
      rest = bits % bound;
    }
    return rest;
  }

  #next31(): number {
    this.#step();
    return (this.#high << 7) | (this.#low >>> 17);
  }

  /** All 32 bits, as a signed number. */
  nextInt32(): number {
    this.#step();
    return (this.#high << 8) | (this.#low >>> 16);
  }

  /** A number from 0 up to, and without, 1. */
  nextDouble(): number {
    this.#step();
    const upper = (this.#high << 2) | (this.#low >>> 22);
    this.#step();
    return (upper * 2 ** 27 + ((this.#high << 3) | (this.#low >>> 21))) / 2 ** 53;
  }
}
