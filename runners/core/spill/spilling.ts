import type { AnyCombineFn } from "../../../sdk/combine/combine-fn.ts";
import { lifecycleFailed, stepFailed } from "../failures.ts";
import type { TemporaryFile } from "../ports.ts";
import { Merge, type Merging } from "./merge.ts";
import type { MemoryBudget } from "./memory-budget.ts";
import { sorted, type SortedEntries } from "./sorted-entries.ts";
import { MemoryCursor, RunCursor, RunFile, RunWriter, type RunFormat, type RunTarget, type SortedRun } from "./sorted-run.ts";

/** How a grouping puts aside what does not fit into memory. */
export interface SpillSpec {
  readonly budget: MemoryBudget;
  readonly format: RunFormat;
}

/** About how many bytes of memory an entry takes, without the values of a list, and each of those. */
export interface EntrySizes {
  readonly entryBytes: number;
  readonly valueBytes: number;
}

/** So many runs are merged at once; when there are more, they become one run before. */
const MOST_AT_ONCE = 64;

/** What a grouping has put aside, by window. */
export class Spilling {
  /** How many bytes were written since it was last asked. */
  #written = 0;
  readonly #spec: SpillSpec;
  readonly #path: string;
  readonly #fn: AnyCombineFn;

  constructor(spec: SpillSpec, path: string, fn: AnyCombineFn) {
    this.#spec = spec;
    this.#path = path;
    this.#fn = fn;
  }

  takeWritten(): number {
    const written = this.#written;
    this.#written = 0;
    return written;
  }

  /** Adds to the runs of several windows what is in memory of them; all of it goes into one file. */
  write(windows: readonly { readonly runs: SortedRun[]; readonly entries: SortedEntries }[], sizes: EntrySizes): void {
    this.#guarded(() => {
      const target = this.#newTarget();
      for (const { runs, entries } of windows) {
        const writer = new RunWriter(this.#spec.format, target);
        writer.add(entries, sizes.entryBytes, sizes.valueBytes);
        runs.push(writer.end(0));
      }
      target.runs.release();
      for (const { runs } of windows) this.#mergeMany(runs, sizes);
    });
  }

  /** Goes through all that there is of a window, what is in memory of it last. */
  merge(runs: readonly SortedRun[], entries: SortedEntries, sizes: EntrySizes): Pick<Merge, "next"> {
    const merge = this.#guarded(() => this.#mergeOf(runs, this.#newTarget(), sizes, new MemoryCursor(entries)));
    return { next: () => this.#guarded(() => merge.next()) };
  }

  #mergeMany(runs: SortedRun[], sizes: EntrySizes): void {
    for (;;) {
      const level = runs.at(-1)!.level;
      const first = runs.findIndex((run) => run.level === level);
      if (runs.length - first < MOST_AT_ONCE) return;
      const target = this.#newTarget();
      const merge = this.#mergeOf(runs.splice(first), target, sizes);
      const writer = new RunWriter(this.#spec.format, target);
      for (let entries = merge.next(); entries !== undefined; entries = merge.next()) {
        writer.add(sorted(entries), sizes.entryBytes, sizes.valueBytes);
      }
      runs.push(writer.end(level + 1));
      target.runs.release();
    }
  }

  #mergeOf(runs: readonly SortedRun[], target: RunTarget, { valueBytes }: EntrySizes, ...memory: readonly MemoryCursor[]): Merge {
    const { format } = this.#spec;
    const merging: Merging = { format, target, valueBytes, merge: (key, a, b) => this.#merged(key, a, b) };
    return new Merge([...runs.map((run) => new RunCursor(format, run)), ...memory], merging);
  }

  #merged(key: unknown, a: unknown, b: unknown): unknown {
    try {
      return this.#fn.merge(a, b);
    } catch (error) {
      throw stepFailed(this.#path, key, error);
    }
  }

  /** Files are opened when something is written. */
  #newTarget(): RunTarget {
    const { storage } = this.#spec.budget;
    let lists: TemporaryFile | undefined;
    return {
      runs: new RunFile(() => storage.open(false)),
      openLists: () => (lists ??= storage.open(true)),
      onWritten: (bytes) => (this.#written += bytes),
    };
  }

  /** What a coder or the disk throws is the step's failure. */
  #guarded<A>(work: () => A): A {
    try {
      return work();
    } catch (error) {
      throw lifecycleFailed(this.#path, error);
    }
  }
}
