import type { TemporaryStorage } from "../ports.ts";

/** What keeps much in memory and can put it aside. */
export interface MemoryHolder {
  /** About how many bytes it holds; rather too many than too few. */
  readonly heldBytes: number;
  /** Works it out anew, as well as it can. */
  readonly recount: () => void;
  /** Puts aside what it can. */
  readonly spill: () => void;
}

/** The part of the heap that groupings may fill unless it is said. */
const SHARE_OF_HEAP = 1 / 4;
/** How full it may be after it was counted. What is counted less exactly in between needs the rest. */
const FULL = 3 / 4;

/** How many bytes all groupings of a thread may hold in memory. When it is more, those that hold the most put it aside. */
export class MemoryBudget {
  readonly bytes: number;
  readonly storage: TemporaryStorage;
  readonly #holders: MemoryHolder[] = [];

  constructor(storage: TemporaryStorage, bytes: number = storage.heapLimit * SHARE_OF_HEAP) {
    this.storage = storage;
    this.bytes = bytes;
  }

  add(holder: MemoryHolder): void {
    this.#holders.push(holder);
  }

  /** To be called when a holder may have more than before. */
  look(): void {
    if (this.#held <= this.bytes) return;
    for (const holder of this.#holders) holder.recount();
    if (this.#held <= this.bytes * FULL) return;
    for (const holder of this.#holders.toSorted((a, b) => b.heldBytes - a.heldBytes)) {
      if (this.#held <= this.bytes * FULL) return;
      holder.spill();
    }
  }

  get #held(): number {
    let held = 0;
    for (const { heldBytes } of this.#holders) held += heldBytes;
    return held;
  }
}
