/** Choices that a seed makes: the same ones, in the same order, whenever it is asked. */
export class Seeded {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** A number from 0 up to, and without, 1 (mulberry32). */
  readonly random = (): number => {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };

  /** A whole number between two, which may both come. */
  between(least: number, most: number): number {
    return least + Math.floor(this.random() * (most - least + 1));
  }

  chance(probability: number): boolean {
    return this.random() < probability;
  }

  pick<T>(from: readonly T[]): T {
    return from[this.between(0, from.length - 1)]!;
  }
}

/** What has happened, as a number that differs where anything did (FNV-1a). */
export class Trace {
  #hash = 0x811c9dc5;
  length = 0;

  add(...facts: readonly (string | number)[]): void {
    this.length++;
    for (const char of facts.join(" ")) this.#hash = Math.imul(this.#hash ^ char.codePointAt(0)!, 0x01000193) >>> 0;
  }

  get hash(): string {
    return this.#hash.toString(16).padStart(8, "0");
  }
}
