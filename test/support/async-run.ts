import { create, map, type AsyncContext, type PCollection, type RunningPipeline } from "millrace";
import { ManualClock } from "./manual-clock.ts";
import { manualRunner } from "./manual-runner.ts";
import { settled } from "./runs.ts";

/** Promises that a test settles, by the element that they are for. */
export class Calls {
  readonly started: number[] = [];
  readonly signals = new Map<number, AbortSignal>();
  readonly #waiting = new Map<number, { readonly resolve: (value: string) => void; readonly reject: (error: unknown) => void }>();

  readonly call = (n: number, { signal }: Pick<AsyncContext, "signal">): Promise<string> => {
    this.started.push(n);
    this.signals.set(n, signal);
    return new Promise((resolve, reject) => this.#waiting.set(n, { resolve, reject }));
  };

  /** Which elements are being worked on, in the order in which they were begun. */
  get running(): readonly number[] {
    return [...this.#waiting.keys()];
  }

  async finish(...elements: readonly number[]): Promise<void> {
    for (const n of elements) {
      this.#waiting.get(n)!.resolve(`done ${n}`);
      this.#waiting.delete(n);
      await settled();
    }
  }

  async fail(n: number): Promise<void> {
    this.#waiting.get(n)!.reject(new Error(`cannot take ${n}`));
    this.#waiting.delete(n);
    await settled();
  }
}

/** A run of one async step over the numbers from 1 on, with what comes out as it comes. */
export class AsyncRun {
  readonly clock = new ManualClock();
  readonly calls = new Calls();
  readonly out: unknown[] = [];
  readonly running: RunningPipeline;

  constructor(count: number, apply: (numbers: PCollection<number>, calls: Calls) => PCollection<unknown>) {
    this.running = manualRunner(this.clock).start((p) => {
      const numbers = p.apply(
        "Numbers",
        create(
          Array.from({ length: count }, (_, i) => i + 1),
          { timestampOf: (n) => n },
        ),
      );
      apply(numbers, this.calls).apply(
        "Out",
        map((each) => this.out.push(each)),
      );
    });
    // Each test awaits it when it is time to; until then a failure is nobody's.
    this.running.done.catch(() => {});
  }

  async advance(ms: number): Promise<void> {
    this.clock.advance(ms);
    await settled();
  }
}
