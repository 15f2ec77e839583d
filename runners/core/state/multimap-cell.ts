import type { AnyCoder } from "../../../sdk/coders/coder.ts";
import type { KV } from "../../../sdk/pipeline.ts";
import type { MultimapCell } from "../../../sdk/state/cells.ts";
import type { CellOwner, Look, StoredCell } from "./cell.ts";
import { Entries } from "./entries.ts";

/** Lists of values by key. */
export class StoredMultimap implements MultimapCell<unknown, unknown>, StoredCell {
  readonly #owner: CellOwner;
  readonly #look: Look | undefined;
  readonly #entries: Entries<unknown[]>;

  constructor(owner: CellOwner, keyCoder: AnyCoder, look: Look | undefined) {
    this.#owner = owner;
    this.#look = look;
    this.#entries = new Entries(keyCoder);
  }

  get(key: unknown): Iterable<unknown> {
    this.#owner.use();
    return this.#whenRead(() => [...(this.#entries.get(key) ?? [])]);
  }

  has(key: unknown): boolean {
    this.#owner.use();
    return this.#entries.has(key);
  }

  add(key: unknown, value: unknown): void {
    const journal = this.#owner.use();
    this.#look?.(value);
    const values = this.#entries.get(key);
    if (values === undefined) return this.#entries.set(key, [value], journal);
    const { length } = values;
    journal.noteCall(() => (values.length = length));
    values.push(value);
  }

  delete(key: unknown): void {
    this.#entries.delete(key, this.#owner.use());
  }

  entries(): Iterable<KV<unknown, Iterable<unknown>>> {
    this.#owner.use();
    return this.#whenRead(() => this.#entries.all().map(([key, values]) => [key, [...values]] as const));
  }

  /** Something that looks anew whenever it is gone through. */
  #whenRead<A>(look: () => readonly A[]): Iterable<A> {
    return {
      [Symbol.iterator]: () => {
        this.#owner.use();
        return look()[Symbol.iterator]();
      },
    };
  }

  clear(): void {
    this.#entries.clear(this.#owner.use());
  }

  isEmpty(): boolean {
    this.#owner.use();
    return this.isUnused;
  }

  get isUnused(): boolean {
    return this.#entries.isEmpty;
  }
}
