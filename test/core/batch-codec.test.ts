import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  create,
  fixedWindows,
  globalWindow,
  groupByKey,
  intervalWindow,
  kvCoder,
  MAX_INSTANT,
  MIN_INSTANT,
  NO_FIRING,
  numberCoder,
  reshuffle,
  stringCoder,
  windowInto,
  writeTo,
  type Coder,
  type KV,
  type Pane,
  type Sink,
  type Window,
} from "millrace";
import { isStamp, UNSTAMPED, type Batch } from "../../runners/core/batch.ts";
import { BatchCodec } from "../../runners/threads/batch-codec.ts";
import { left, right } from "../../sdk/coders/coder.ts";
import { identical } from "../coders/same.ts";
import { comparable } from "../coders/values.ts";
import { elementsOf } from "../support/batches.ts";
import { planOf, stageAt } from "../support/hand-driven.ts";

/** How the bytes of a batch of the elements before a step get through a message channel. */
function lineTo(path: string, plan: ReturnType<typeof planOf>) {
  const codec = new BatchCodec(plan);
  const stage = stageAt(plan, path);
  const label = { target: stage.id, collection: stage.inputs[0]! };
  return { label, send: (batch: Batch): Batch => codec.decode(structuredClone(codec.encode(batch))) };
}

const shuffled = planOf(
  (p) =>
    void p
      .apply("Source", create<unknown>([]))
      .apply(windowInto(fixedWindows(10)))
      .apply("Shuffle", reshuffle()),
);
const unwindowed = planOf((p) => void p.apply("Source", create<unknown>([])).apply("Shuffle", reshuffle()));
const grouped = planOf((p) => void p.apply("Source", create<KV<unknown, unknown>>([])).apply("Group", groupByKey()));

const instant = fc.oneof(fc.integer(), fc.constantFrom(MIN_INSTANT, MAX_INSTANT, 0, -1));
const windowList = fc
  .uniqueArray(fc.integer({ min: -20, max: 20 }), { minLength: 1, maxLength: 3 })
  .map((starts): readonly Window[] => starts.map((start) => intervalWindow(start * 10, start * 10 + 10)));
const pane: fc.Arbitrary<Pane> = fc.oneof(
  fc.constant(NO_FIRING),
  fc.record({
    timing: fc.constantFrom("EARLY", "ON_TIME", "LATE"),
    index: fc.nat(),
    nonSpeculativeIndex: fc.integer({ min: -1 }),
    isFirst: fc.boolean(),
    isLast: fc.boolean(),
  }),
);

/** Values with their stamps: one for all, or columns, whose arrays may be longer than the batch. */
const contents = (value: fc.Arbitrary<unknown>, windows: fc.Arbitrary<readonly Window[]>) =>
  fc.array(fc.record({ value, timestamp: instant, windows, pane }), { minLength: 1, maxLength: 8 }).chain((elements) =>
    fc.record({ isUniform: fc.boolean(), spare: fc.nat(3) }).map(({ isUniform, spare }) => {
      const [{ timestamp, windows: shared, pane: same }] = elements as [(typeof elements)[number]];
      const padded = <T>(column: readonly T[], filler: T): T[] => [...column, ...Array.from({ length: spare }, () => filler)];
      return {
        size: elements.length,
        earliest: Math.min(...elements.map((each) => each.timestamp)),
        values: padded(
          elements.map((each) => each.value),
          undefined,
        ),
        stamps: isUniform
          ? { timestamp, windows: shared, pane: same }
          : {
              timestamps: Float64Array.from(
                padded(
                  elements.map((each) => each.timestamp),
                  0,
                ),
              ),
              windows: padded(
                elements.map((each) => each.windows),
                shared,
              ),
              panes: padded(
                elements.map((each) => each.pane),
                same,
              ),
            },
      };
    }),
  );

/** Elements without their order of fields being looked at, but for all else. */
const same = (a: readonly unknown[], b: readonly unknown[]): boolean =>
  a.length === b.length && a.every((each, i) => identical(each, b[i]));

function expectSameElements(there: Batch, here: Batch): void {
  const [sent, got] = [elementsOf([here]), elementsOf([there])];
  const stamps = (elements: typeof sent) => elements.map(({ timestamp, windows, pane: each }) => ({ timestamp, windows, pane: each }));
  const values = (elements: typeof sent) => elements.map(({ value }) => value);
  expect(stamps(got)).toEqual(stamps(sent));
  expect(same(values(got), values(sent))).toBe(true);
}

describe("a batch that goes to another thread", () => {
  test("keeps its label, its values, and each element's time, windows and pane", () => {
    const { label, send } = lineTo("Shuffle", shuffled);
    fc.assert(
      fc.property(contents(comparable, windowList), fc.nat(7), (content, partition) => {
        const batch: Batch = { ...label, ...content, partition, keys: undefined, release: undefined };
        const there = send(batch);
        expectSameElements(there, batch);
        const { target, collection, size, earliest } = there;
        expect({ target, collection, size, earliest, partition: there.partition }).toEqual({
          ...label,
          size: batch.size,
          earliest: batch.earliest,
          partition,
        });
        expect(there.keys).toBeUndefined();
        expect(isStamp(there.stamps)).toBe(isStamp(batch.stamps));
      }),
    );
  });

  test("COD-13 has the same panes there, whatever their timing and their places", () => {
    const { label, send } = lineTo("Shuffle", shuffled);
    const panes: readonly Pane[] = (["EARLY", "ON_TIME", "LATE"] as const).flatMap((timing) =>
      [0, 389, 5_077].flatMap((index) =>
        [true, false].map((isLast): Pane => {
          const nonSpeculativeIndex = timing === "EARLY" ? -1 : Math.min(index, 37);
          return { timing, index, nonSpeculativeIndex, isFirst: index === 0, isLast };
        }),
      ),
    );
    const all = [...panes, NO_FIRING];
    const stamps = { timestamps: new Float64Array(all.length), windows: all.map(() => UNSTAMPED.windows), panes: all };
    const batch: Batch = {
      ...label,
      partition: 0,
      size: all.length,
      earliest: 0,
      values: all.map((_, i) => i),
      stamps,
      keys: undefined,
      release: undefined,
    };
    const there = send(batch).stamps;
    expect(isStamp(there) ? [] : there.panes).toEqual(all);
  });

  test("keeps its keys, each of them once", () => {
    const { label, send } = lineTo("Group", grouped);
    const keys = fc.array(comparable, { minLength: 1, maxLength: 5 });
    const global = fc.constant(UNSTAMPED.windows);
    fc.assert(
      fc.property(contents(comparable, global), keys, fc.infiniteStream(fc.nat(4)), (content, distinct, picks) => {
        const ids = Int32Array.from([...picks.take(content.size)], (pick) => pick % distinct.length);
        const there = send({ ...label, ...content, partition: 0, keys: { ids, distinct }, release: undefined });
        expect(there.keys!.ids).toEqual(ids);
        expect(same(there.keys!.distinct!, distinct)).toBe(true);
      }),
    );
  });

  test("keeps the ends of its windows", () => {
    const { label, send } = lineTo("Group", grouped);
    const spans = { starts: Float64Array.of(-5, 1.7e12), ends: Float64Array.of(5, 1.7e12 + 1) };
    const keys = { ids: Int32Array.of(0, 0), distinct: ["a"] };
    const content = { partition: 0, size: 2, earliest: -5, values: [1, 2], stamps: UNSTAMPED, keys, release: undefined };
    expect(send({ ...label, ...content, spans }).spans).toEqual(spans);
  });

  test("needs no bytes for elements without a time or a window of their own, and has the same stamp afterwards", () => {
    const { label, send } = lineTo("Shuffle", unwindowed);
    const batch: Batch = {
      ...label,
      partition: 0,
      size: 2,
      earliest: MIN_INSTANT,
      values: [1, 2],
      stamps: UNSTAMPED,
      keys: undefined,
      release: undefined,
    };
    expect(new BatchCodec(unwindowed).encode(batch).stamps).toBeUndefined();
    expect(send(batch).stamps).toBe(UNSTAMPED);
  });

  test("has the one global window, and the one list of it, afterwards", () => {
    const { label, send } = lineTo("Shuffle", unwindowed);
    const stamps = { timestamps: Float64Array.of(1, 2), windows: [[globalWindow], UNSTAMPED.windows], panes: [NO_FIRING, NO_FIRING] };
    const there = send({
      ...label,
      partition: 0,
      size: 2,
      earliest: 1,
      values: [1, 2],
      stamps,
      keys: undefined,
      release: undefined,
    }).stamps;
    expect(there).toMatchObject({ windows: [UNSTAMPED.windows, UNSTAMPED.windows] });
    for (const list of (there as typeof stamps).windows) expect(list).toBe(UNSTAMPED.windows);
    for (const each of (there as typeof stamps).panes) expect(each).toBe(NO_FIRING);
  });

  test("shares no memory with the batch that was sent", () => {
    const { label, send } = lineTo("Shuffle", unwindowed);
    const value = { list: [1], bytes: Uint8Array.of(1) };
    const there = send({
      ...label,
      partition: 0,
      size: 1,
      earliest: 0,
      values: [value],
      stamps: UNSTAMPED,
      keys: undefined,
      release: undefined,
    });
    value.list.push(2);
    value.bytes[0] = 9;
    expect(there.values).toEqual([{ list: [1], bytes: Uint8Array.of(1) }]);
  });
});

describe("coders", () => {
  /** Writes a text backwards, so that bytes tell whether it was asked. */
  const backwards: Coder<string> = {
    name: "backwards",
    deterministic: true,
    encode: (text) => new TextEncoder().encode(text.split("").toReversed().join("")),
    decode: (bytes) => right(new TextDecoder().decode(bytes).split("").toReversed().join("")),
  };
  const uniform = { partition: 0, earliest: MIN_INSTANT, stamps: UNSTAMPED, release: undefined };

  test("are those of the collection that the elements are of", () => {
    const plan = planOf((p) => void p.apply("Source", create(["abc"], { coder: backwards })).apply("Shuffle", reshuffle()));
    const { label } = lineTo("Shuffle", plan);
    const { values } = new BatchCodec(plan).encode({ ...label, ...uniform, size: 1, values: ["abc"], keys: undefined });
    expect(Buffer.from(values).toString()).toContain("cba");
  });

  test("of pairs for a grouping are asked for keys and values apart", () => {
    const plan = planOf(
      (p) => void p.apply("Source", create([["abc", 1] as const], { coder: kvCoder(backwards, numberCoder) })).apply("Group", groupByKey()),
    );
    const { label, send } = lineTo("Group", plan);
    const batch: Batch = { ...label, ...uniform, size: 1, values: [7], keys: { ids: Int32Array.of(0), distinct: ["abc"] } };
    expect(Buffer.from(new BatchCodec(plan).encode(batch).keys!.distinct).toString()).toContain("cba");
    expect(send(batch)).toMatchObject({ values: [7], keys: { distinct: ["abc"] } });
  });

  test("of pairs for anything else take them whole", () => {
    const plan = planOf(
      (p) =>
        void p.apply("Source", create([["abc", 1] as const], { coder: kvCoder(backwards, numberCoder) })).apply("Shuffle", reshuffle()),
    );
    const { label, send } = lineTo("Shuffle", plan);
    expect(send({ ...label, ...uniform, size: 1, values: [["abc", 1]], keys: undefined }).values).toEqual([["abc", 1]]);
  });

  test("that refuse a value are heard", () => {
    const plan = planOf(
      (p) => void p.apply("Source", create<unknown>([], { coder: stringCoder as Coder<unknown> })).apply("Shuffle", reshuffle()),
    );
    const { label, send } = lineTo("Shuffle", plan);
    expect(() => send({ ...label, ...uniform, size: 1, values: [5], keys: undefined })).toThrow(
      expect.objectContaining({ code: "NOT_ENCODABLE" }),
    );
  });

  test("that cannot read their own bytes are heard", () => {
    const broken: Coder<unknown> = { name: "broken", encode: () => Uint8Array.of(1), decode: () => left("NOT_DECODABLE", "no idea") };
    const plan = planOf((p) => void p.apply("Source", create<unknown>([], { coder: broken })).apply("Shuffle", reshuffle()));
    const { label, send } = lineTo("Shuffle", plan);
    expect(() => send({ ...label, ...uniform, size: 1, values: [5], keys: undefined })).toThrow(
      expect.objectContaining({ code: "NOT_DECODABLE", message: expect.stringContaining("no idea") }),
    );
  });

  test("of a sink's output carry what its writers leave", () => {
    const sink: Sink<unknown, string> = {
      name: "Write",
      open: () => ({ write: () => {}, finish: async () => "" }),
      commit: async () => {},
      committableCoder: backwards,
    };
    const plan = planOf((p) => void p.apply("Source", create([1])).apply("Write", writeTo(sink)));
    const codec = new BatchCodec(plan);
    const { id } = stageAt(plan, "Write");
    const bytes = codec.encodeCommittable(id, "part");
    expect(Buffer.from(bytes).toString()).toBe("trap");
    expect(codec.decodeCommittable(id, bytes)).toBe("part");
  });
});
