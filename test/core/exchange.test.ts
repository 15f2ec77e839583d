/** Batches between workers: who has them, and what the scheduler gets to see of them. */
import { MessageChannel } from "node:worker_threads";
import { afterEach, describe, expect, test } from "vitest";
import { collect, create, groupByKey, map, reshuffle, stringCoder, structuralCoder, type KV } from "millrace";
import { batchOf, UNSTAMPED, type Batch } from "../../runners/core/batch.ts";
import { EncodableCheck } from "../../runners/core/encodable.ts";
import { BatchCodec, type EncodedBatch } from "../../runners/threads/batch-codec.ts";
import { counted } from "../../runners/core/metric-container.ts";
import { Exchange } from "../../runners/threads/exchange.ts";
import { ExchangeHint } from "../../runners/threads/exchange-hint.ts";
import { planOf, stageAt } from "../support/hand-driven.ts";

const plan = planOf((p) => {
  const pairs = p.apply("Source", create<KV<unknown, unknown>>([])).apply("Shuffle", reshuffle());
  pairs.apply("Group", groupByKey());
  pairs.apply(map((pair) => pair)).apply("Collect", collect());
});

let open: Exchange[] = [];
afterEach(() => {
  for (const exchange of open) exchange.close();
  open = [];
});

/** Two workers that have met. */
function pairOfWorkers(): readonly [Exchange, Exchange] {
  const { port1, port2 } = new MessageChannel();
  const codec = new BatchCodec(plan);
  const common = { stages: plan.stages.length, codec, check: new EncodableCheck(plan, false), clock };
  open = [
    new Exchange({ ...common, worker: 0, peers: [undefined, port1] }),
    new Exchange({ ...common, worker: 1, peers: [port2, undefined] }),
  ];
  return open as unknown as readonly [Exchange, Exchange];
}

/** Each look at it takes a ms. */
let now = 0;
const clock = { monotonic: () => now++ };

const shuffle = stageAt(plan, "Shuffle");
const group = stageAt(plan, "Group");

const plain = (partition: number, values: readonly unknown[]): Batch => ({
  ...batchOf({ target: shuffle.id, collection: shuffle.inputs[0]! }, values),
  partition,
});

const keyed = (partition: number, keys: readonly unknown[], values: readonly unknown[]): Batch => ({
  ...batchOf({ target: group.id, collection: group.inputs[0]! }, values),
  partition,
  keys: { ids: Int32Array.from(values, (_, i) => i % keys.length), distinct: keys },
});

const LABEL = ["target", "partition", "collection", "size", "earliest", "windowEnd", "name"];

test("a batch for another worker goes there, and the scheduler has its label only", async () => {
  const [first, second] = pairOfWorkers();
  const routed = first.give(keyed(3, ["a", "b"], [1, 2, 3]));
  expect(Object.keys(routed)).toEqual(LABEL);
  expect(routed).toMatchObject({ target: group.id, partition: 3, size: 3 });
  const { values, keys } = await second.take(routed);
  expect(values).toEqual([1, 2, 3]);
  expect([...keys!.ids]).toEqual([0, 1, 0]);
  expect(keys!.distinct).toEqual(["a", "b"]);
});

test("a bundle that is handed out before its batches are here waits for them", async () => {
  const [first, second] = pairOfWorkers();
  const routed = [1, 2, 3].map((n) => first.give(plain(1, [n])));
  // No message is delivered before the event loop has its turn.
  const taken = routed.toReversed().map((label) => second.take(label));
  const values: unknown[] = [];
  for (const batch of taken) {
    expect(batch).toBeInstanceOf(Promise);
    values.push(...(await batch).values);
  }
  expect(values).toEqual([3, 2, 1]);
});

test("a batch that is here already is taken at once, and once only", async () => {
  const [first, second] = pairOfWorkers();
  const routed = first.give(plain(1, ["x"]));
  await second.take(first.give(plain(1, ["comes behind it"])));
  const taken = second.take(routed);
  expect(taken).not.toBeInstanceOf(Promise);
  expect((taken as Batch).values).toEqual(["x"]);
  expect(second.take(routed)).toBeInstanceOf(Promise);
});

test("a batch that stays on its worker stays what it is", () => {
  const [first] = pairOfWorkers();
  const batch = plain(2, [{ id: 1 }]);
  const routed = first.give(batch);
  expect(Object.keys(routed)).toEqual(LABEL);
  expect(first.take(routed)).toBe(batch);
});

test("what could not leave its worker is refused where it need not leave", () => {
  const [first] = pairOfWorkers();
  class Money {
    readonly cents = 1;
  }
  for (const partition of [0, 1]) {
    expect(() => first.give(plain(partition, [new Money()]))).toThrow(expect.objectContaining({ code: "NOT_ENCODABLE" }));
  }
});

test("what no stage takes goes to the main thread, in bytes", () => {
  const [first, second] = pairOfWorkers();
  const [handle] = plan.collects;
  const stamps = { ...UNSTAMPED, timestamp: 5 };
  const routed = first.give({ ...plain(0, ["to be collected"]), stamps, target: plan.stages.length, collection: handle!.inputs[0]! });
  const encoded = routed as EncodedBatch;
  // A message takes along all of the memory that bytes are in, and the main thread keeps them until the run is over.
  for (const { buffer, length } of [encoded.values, encoded.stamps!.windows]) expect(buffer.byteLength).toBe(length);
  const taken = second.take(structuredClone(routed)) as Batch;
  expect(taken.values).toEqual(["to be collected"]);
});

test("memory that others have a share of is not handed over", async () => {
  const [first, second] = pairOfWorkers();
  const [text, list] = [stringCoder.encode("mine"), structuralCoder.encode([1, 2])];
  await second.take(first.give(keyed(1, ["k"], [1])));
  await second.take(first.give(keyed(1, ["k".repeat(10_000)], ["v".repeat(10_000)])));
  expect(stringCoder.decode(text)).toMatchObject({ right: "mine" });
  expect(structuralCoder.decode(list)).toMatchObject({ right: [1, 2] });
});

test("the time that coders take is counted on both sides, and once", async () => {
  const [first, second] = pairOfWorkers();
  await second.take(first.give(plain(1, ["a"])));
  await first.take(first.give(plain(0, ["stays"])));
  expect([first.takeMs(), second.takeMs()]).toEqual([1, 1]);
  expect([first.takeMs(), second.takeMs()]).toEqual([0, 0]);
});

describe("a hint at the end", () => {
  const after = (computing: number, exchanging: number): string | undefined => {
    const hint = new ExchangeHint();
    for (let half = 0; half < 2; half++)
      hint.add([...counted("A", "busy_ms", computing / 2), ...counted("B", "exchange_ms", exchanging / 2)]);
    hint.add([{ step: "A", namespace: "mine", name: "exchange_ms", value: { kind: "counter", add: 1e9 } }]);
    return hint.text(2);
  };

  test("says what a run has spent that exchanged more than it computed", () => {
    expect(after(1_100, 3_240)).toContain("2 threads spent 3.2 s on encoding and decoding what was sent between threads, and 1.1 s on");
  });

  test("is not given where threads may have paid, or where there is little to gain", () => {
    expect(after(3_000, 2_999)).toBeUndefined();
    expect(after(100, 899)).toBeUndefined();
  });
});
