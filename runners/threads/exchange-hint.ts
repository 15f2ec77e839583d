import type { MetricDelta } from "../core/metric-container.ts";

/** Less work than this, in ms, is not worth a word. */
const LEAST_MS = 1_000;

/** Says at the end of a run when its threads have spent more time on batches between them than on what the pipeline does. */
export class ExchangeHint {
  #computingMs = 0;
  #exchangingMs = 0;

  /** Takes in what a bundle has counted. */
  add(metrics: readonly MetricDelta[]): void {
    for (const { name, namespace, step, value } of metrics) {
      if (namespace !== step || value.kind !== "counter") continue;
      if (name === "busy_ms") this.#computingMs += value.add;
      else if (name === "exchange_ms") this.#exchangingMs += value.add;
    }
  }

  /** Nothing where threads may well have paid. */
  text(threads: number): string | undefined {
    const [computing, exchanging] = [this.#computingMs, this.#exchangingMs];
    if (exchanging <= computing || computing + exchanging < LEAST_MS) return undefined;
    return (
      `${threads === 1 ? "1 thread" : `${threads} threads`} spent ${seconds(exchanging)} on encoding and decoding what was sent between threads, and ${seconds(computing)} ` +
      `on the pipeline's own work; directRunner() or rxjsRunner() may be faster, or combine before grouping, and send less of each element`
    );
  }
}

const seconds = (ms: number): string => `${(ms / 1_000).toFixed(1)} s`;
