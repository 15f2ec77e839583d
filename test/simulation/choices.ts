/** What a seed decides, drawn one after the other: the same seed draws the same each time. */
export class Choices {
  #state: number;

  /** @param of - what is decided: draws of one kind do not move those of another. */
  constructor(seed: number, of: string) {
    this.#state = seed >>> 0;
    for (const letter of of) this.#state = (Math.imul(this.#state ^ letter.charCodeAt(0), 0x01_00_01_93) + 0x9e_37_79_b9) >>> 0;
  }

  /** A number from 0 up to, and without, 1. */
  readonly fraction = (): number => this.#next() / 2 ** 32;

  /** A whole number from 0 up to, and without, a limit. */
  below(limit: number): number {
    return Math.floor(this.fraction() * limit);
  }

  /** A whole number of a range that has both ends. */
  between(least: number, most: number): number {
    return least + this.below(most - least + 1);
  }

  chance(probability: number): boolean {
    return this.fraction() < probability;
  }

  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)]!;
  }

  /** A list in any order. */
  shuffled<T>(list: readonly T[]): readonly T[] {
    const left = [...list];
    return list.map(() => left.splice(this.below(left.length), 1)[0]!);
  }

  /** A seed for something that draws by itself. */
  seed(): number {
    return this.#next() | 0;
  }

  /** Tommy Ettinger's mulberry32. */
  #next(): number {
    this.#state = (this.#state + 0x6d_2b_79_f5) >>> 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return (mixed ^ (mixed >>> 14)) >>> 0;
  }
}
