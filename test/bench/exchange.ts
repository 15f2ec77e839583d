import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { structuralCoder } from "millrace";
import { compare } from "./compare.ts";

/** A record as pipelines have them. */
export interface Row {
  readonly id: number;
  readonly user: string;
  readonly country: string;
  readonly amount: number;
  readonly at: number;
}

const BATCHES = 200;
const ROWS = 1_000;

const batchOf = (n: number): readonly Row[] =>
  Array.from({ length: ROWS }, (_, i) => {
    const id = n * ROWS + i;
    return {
      id,
      user: `user-${id % 997}`,
      country: ["NO", "DE", "FR", "BR"][id % 4]!,
      amount: (id % 8_192) / 16,
      at: 1_436_918_400_000 + id,
    };
  });

/** Records that go to another thread and are looked at there: as the engine sends them, and as rows that the platform clones. */
export async function exchange(): Promise<void> {
  const worker = new Worker(new URL("./exchange-worker.mjs", import.meta.url));
  const batches = Array.from({ length: BATCHES }, (_, n) => batchOf(n));
  const send = async (messages: () => Iterable<unknown>): Promise<number> => {
    const answer = once(worker, "message");
    for (const message of messages()) worker.postMessage(message);
    worker.postMessage("what is it?");
    return ((await answer) as [number])[0];
  };
  await compare(`exchange of ${(BATCHES * ROWS) / 1e3} k records of 5 fields, ${ROWS} at a time`, {
    plain: () => send(() => batches),
    ours: () =>
      send(function* () {
        for (const batch of batches) yield structuralCoder.encodeAll!(batch);
      }),
  });
  await worker.terminate();
}
