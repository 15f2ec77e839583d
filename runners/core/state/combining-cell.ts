import { decoded, type AnyCoder } from "../../../sdk/coders/coder.ts";
import { NO_SIDE_INPUTS, type AnyCombineFn } from "../../../sdk/combine/combine-fn.ts";
import { emptyOf } from "../../../sdk/combine/composite.ts";
import type { CombiningCell } from "../../../sdk/state/cells.ts";
import type { Instant } from "../../../sdk/time.ts";
import type { CellOwner, Look, StoredCell } from "./cell.ts";

/** Where a combining cell belongs, and what time its inputs have. */
export interface TimedOwner extends CellOwner {
  /** The event time of the call that runs. */
  readonly timestamp: Instant;
}

/** A combiner's accumulator. */
export class StoredAccumulator implements CombiningCell<unknown, unknown>, StoredCell {
  readonly #owner: TimedOwner;
  readonly #fn: AnyCombineFn;
  readonly #coder: AnyCoder;
  readonly #look: Look | undefined;
  #accumulator: { value: unknown } | undefined;

  constructor(owner: TimedOwner, { fn, coder }: { readonly fn: AnyCombineFn; readonly coder: AnyCoder }, look: Look | undefined) {
    this.#owner = owner;
    this.#fn = fn;
    this.#coder = coder;
    this.#look = look;
  }

  read(): unknown {
    this.#owner.use();
    if (this.#accumulator !== undefined) return this.#fn.extract(this.#accumulator.value, NO_SIDE_INPUTS);
    return emptyOf(this.#fn, NO_SIDE_INPUTS);
  }

  readonly add = (value: unknown): void => {
    const journal = this.#owner.use();
    const before = this.#accumulator;
    const { add, addAt, create } = this.#fn;
    const accumulator = before === undefined ? (create() as unknown) : this.#own(before.value);
    const after: unknown =
      addAt === undefined ? add(accumulator, value, NO_SIDE_INPUTS) : addAt(accumulator, value, this.#owner.timestamp, NO_SIDE_INPUTS);
    this.#look?.(after);
    journal.note(this, before);
    this.#accumulator = { value: after };
  };

  /** An accumulator that `add` may change: what the cell had before has to be there if the call fails. */
  #own(value: unknown): unknown {
    return typeof value === "object" && value !== null ? decoded(this.#coder, this.#coder.encode(value)) : value;
  }

  clear(): void {
    this.#owner.use().note(this, this.#accumulator);
    this.#accumulator = undefined;
  }

  restore(before: { value: unknown } | undefined): void {
    this.#accumulator = before;
  }

  get isUnused(): boolean {
    return this.#accumulator === undefined;
  }
}
