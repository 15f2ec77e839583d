import type { Sink, SinkWriter } from "../../../sdk/sink.ts";
import { MIN_INSTANT, NEVER } from "../../../sdk/time.ts";
import type { Bundle } from "../bundle.ts";
import { sinkFailed } from "../failures.ts";
import { AT_END } from "../scheduler.ts";
import { PLAIN, type HeadResult, type HeadRunner } from "./head.ts";

/** Writes one shard of a sink. The writer gets a bundle's elements once the bundle has them all, so that one that fails has written nothing. */
export class SinkHead implements HeadRunner {
  readonly #sink: Sink<unknown, unknown>;
  readonly #path: string;
  readonly #signal: AbortSignal;
  #writer: SinkWriter<unknown, unknown> | undefined;

  /** @param signal - aborts when the run fails or is cancelled. */
  constructor(sink: Sink<unknown, unknown>, path: string, signal: AbortSignal) {
    this.#sink = sink;
    this.#path = path;
    this.#signal = signal;
  }

  async run(bundle: Bundle): Promise<HeadResult> {
    try {
      return await this.#write(bundle);
    } catch (error) {
      throw sinkFailed(this.#path, error);
    }
  }

  async #write({ batches, partition, inputWatermark }: Bundle): Promise<HeadResult> {
    const writer = (this.#writer ??= await this.#sink.open({ shard: partition, epoch: 0, signal: this.#signal }));
    const values = batches.flatMap((batch) => batch.values);
    if (values.length > 0) await writer.write(values);
    if (inputWatermark <= AT_END) return { ...PLAIN, hold: MIN_INSTANT, nextTimer: AT_END };
    return { ...PLAIN, hold: MIN_INSTANT, nextTimer: NEVER, committables: [await writer.finish()] };
  }
}
