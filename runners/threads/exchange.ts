import type { MessagePort } from "node:worker_threads";
import type { Batch } from "../core/batch.ts";
import type { EncodableCheck } from "../core/encodable.ts";
import type { MaybePromise } from "../core/maybe-promise.ts";
import type { Clock } from "../core/ports.ts";
import type { BatchCodec, EncodedBatch } from "./batch-codec.ts";
import type { RoutedBatch } from "./protocol.ts";

/** What an exchange is told about the workers of its run. */
export interface ExchangeSpec {
  /** Which of the workers this one is. */
  readonly worker: number;
  /** By worker: the way to it; none to itself. */
  readonly peers: readonly (MessagePort | undefined)[];
  /** How many stages there are: what goes to none of them is for the main thread. */
  readonly stages: number;
  readonly codec: BatchCodec;
  /** Looks at what is not encoded, since it stays here. */
  readonly check: EncodableCheck;
  readonly clock: Pick<Clock, "monotonic">;
}

/** A batch on its way from one worker to another. */
interface Parcel {
  readonly name: number;
  readonly batch: EncodedBatch;
}

/**
 * What a worker has of batches between two bundles. A batch goes straight to the worker that runs its target, and only its label to
 * the scheduler, after the bundle that made it has succeeded; one whose target is here as well stays as it is.
 *
 * Labels and batches take different ways, so a bundle may be handed out before its batches are here: it waits for them.
 */
export class Exchange {
  readonly #spec: ExchangeSpec;
  readonly #stayed = new Map<number, Batch>();
  readonly #arrived = new Map<number, EncodedBatch>();
  readonly #awaited = new Map<number, (batch: EncodedBatch) => void>();
  #named = 0;
  #codingMs = 0;

  constructor(spec: ExchangeSpec) {
    this.#spec = spec;
    for (const peer of spec.peers) {
      peer?.on("message", (parcel: Parcel) => this.#arrive(parcel));
      // Whoever waits for it would wait without end.
      peer?.on("messageerror", (error) => {
        throw error;
      });
    }
  }

  /** Sends a batch off, and answers what the scheduler is told of it. Throws what its coder does. */
  give(batch: Batch): RoutedBatch {
    const { worker, peers, stages, check } = this.#spec;
    if (batch.target >= stages) return this.#encoded(batch);
    const to = workerOf(batch.partition, peers.length);
    const name = this.#named++ * peers.length + worker;
    if (to === worker) {
      check.look(batch);
      this.#stayed.set(name, batch);
    } else this.#send(peers[to]!, { name, batch: this.#encoded(batch) });
    const { target, partition, collection, size, earliest, windowEnd } = batch;
    return { target, partition, collection, size, earliest, windowEnd, name };
  }

  #send(peer: MessagePort, { name, batch }: Parcel): void {
    const bytes = [batch.values, batch.keys?.distinct, batch.stamps?.windows].filter((each) => each !== undefined);
    peer.postMessage(
      { name, batch } satisfies Parcel,
      bytes.map(({ buffer }) => buffer as ArrayBuffer),
    );
  }

  #arrive({ name, batch }: Parcel): void {
    const resolve = this.#awaited.get(name);
    if (resolve === undefined) this.#arrived.set(name, batch);
    else {
      this.#awaited.delete(name);
      resolve(batch);
    }
  }

  /** A batch that a bundle needs; it is here no more. */
  take(given: RoutedBatch): MaybePromise<Batch> {
    if (!("name" in given)) return this.#decoded(given);
    const { name } = given;
    const stayed = this.#stayed.get(name);
    if (stayed !== undefined) {
      this.#stayed.delete(name);
      return stayed;
    }
    const arrived = this.#arrived.get(name);
    if (arrived === undefined) {
      return new Promise<EncodedBatch>((resolve) => this.#awaited.set(name, resolve)).then((batch) => this.#decoded(batch));
    }
    this.#arrived.delete(name);
    return this.#decoded(arrived);
  }

  #encoded(batch: Batch): EncodedBatch {
    const start = this.#spec.clock.monotonic();
    const encoded = this.#spec.codec.encode(batch);
    this.#codingMs += this.#spec.clock.monotonic() - start;
    return encoded;
  }

  #decoded(batch: EncodedBatch): Batch {
    const start = this.#spec.clock.monotonic();
    const decoded = this.#spec.codec.decode(batch);
    this.#codingMs += this.#spec.clock.monotonic() - start;
    return decoded;
  }

  /** How many ms have gone to encoding and decoding since it was last asked. */
  takeMs(): number {
    const ms = this.#codingMs;
    this.#codingMs = 0;
    return ms;
  }

  /** The run is over: what is still here is needed by nobody. */
  close(): void {
    for (const peer of this.#spec.peers) peer?.close();
    for (const batches of [this.#stayed, this.#arrived, this.#awaited]) batches.clear();
  }
}

/** Which worker has the state of a partition, of any stage. */
export const workerOf = (partition: number, workers: number): number => partition % workers;
