import { setImmediate } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import {
  boundedSource,
  map,
  parDo,
  type BoundedSource,
  type OffsetRange,
  type PCollection,
  type Pipeline,
  type PTransform,
  type Tracker,
} from "millrace";
import type { Cut } from "millrace/runners/direct";
import { collectedBy, inOrder, localRunners } from "../support/runs.ts";

/** Reads the numbers of a range, each when it is asked for. */
const numbers = (over: Partial<BoundedSource<number, OffsetRange>> = {}): PTransform<Pipeline, PCollection<number>> =>
  boundedSource({
    name: "Numbers",
    restriction: () => ({ from: 0, to: 5 }),
    split: (range) => [range],
    async *read(range: OffsetRange, tracker: Tracker) {
      for (let i = range.from; i < range.to; i++) {
        if (tracker.claimWhile([i]) === 0) return;
        yield { values: [i] };
      }
    },
    ...over,
  });

describe.each(localRunners)("a read on %s", (_, make) => {
  const reading = (
    over: Partial<BoundedSource<number, OffsetRange>>,
    cut: Cut = {},
    then: PTransform<PCollection<number>, PCollection<number>> = map((n) => n),
  ) => collectedBy(make(cut), (p) => p.apply(numbers(over)).apply(then));

  test("may claim positions one by one, under every cut", async () => {
    async function* read(range: OffsetRange, tracker: Tracker) {
      for (let i = range.from; i < range.to; i++) {
        if (!tracker.tryClaim(i)) return;
        yield { values: [i] };
      }
    }
    expect(await reading({ read })).toEqual([0, 1, 2, 3, 4]);
    expect(await reading({ read }, { elementsPerBundle: 2 })).toEqual([0, 1, 2, 3, 4]);
  });

  test("may have a part of which JSON cannot say all", async () => {
    const parts = ["a", "b"].map((name) => ({ from: 0, to: 3, size: 3n, names: new Set([name]) }));
    async function* read(range: OffsetRange, tracker: Tracker) {
      const [name] = (range as (typeof parts)[number]).names;
      for (let i = range.from; i < range.to; i++) {
        if (tracker.claimWhile([i]) === 0) return;
        yield { values: [`${name}${i}`] as unknown as number[] };
      }
    }
    const split = () => parts;
    expect(inOrder(await reading({ split, read }, { elementsPerBundle: 1 }))).toEqual(['"a0"', '"a1"', '"a2"', '"b0"', '"b1"', '"b2"']);
  });

  test("may give out all chunks in the same arrays", async () => {
    const values = [0, 0];
    const timestamps = new Float64Array(2);
    async function* read(range: OffsetRange, tracker: Tracker) {
      for (let i = range.from; i < range.to; i += 2) {
        if (tracker.claimRange!(i, i + 2) < 2) return;
        for (const at of [0, 1]) timestamps[at] = 10 * (values[at] = i + at);
        yield { values, timestamps };
        values.fill(-1);
        timestamps.fill(-1);
      }
    }
    const restriction = () => ({ from: 0, to: 6 });
    const stamped = map((n: number, { timestamp }) => 1_000 * n + timestamp);
    expect(await reading({ restriction, read })).toEqual([0, 1, 2, 3, 4, 5]);
    expect(await reading({ restriction, read }, {}, stamped)).toEqual([0, 1_010, 2_020, 3_030, 4_040, 5_050]);
  });

  test.each([
    ["nothing", undefined, "undefined"],
    ["an element", 7, "7"],
    ["a record without values", { value: 7 }, '{"value":7}'],
  ])("that gives out %s instead of a chunk fails by name", async (_what, chunk, text) => {
    async function* read() {
      yield chunk as never;
    }
    await expect(reading({ read })).rejects.toMatchObject({
      code: "READ_FAILED",
      parts: { at: "Numbers/Read" },
      cause: expect.objectContaining({ message: expect.stringContaining(text) as string }) as Error,
    });
  });

  test("that throws at once is named like one that throws later", async () => {
    const cause = new Error("no way");
    const read = () => {
      throw cause;
    };
    await expect(reading({ read })).rejects.toMatchObject({ code: "READ_FAILED", cause, parts: { at: "Numbers/Read" } });
  });

  /** Says when a read has let go of what it had open. */
  function closing() {
    const closed: string[] = [];
    async function* read(range: OffsetRange, tracker: Tracker) {
      try {
        for (let i = range.from; i < range.to; i++) {
          if (tracker.claimWhile([i]) === 0) return;
          await setImmediate();
          yield { values: [i] };
        }
      } finally {
        closed.push("closed");
      }
    }
    return { closed, read };
  }

  test("lets go of what it has open when a step behind it fails", async () => {
    const { closed, read } = closing();
    const fails = map((n: number) => {
      if (n === 2) throw new Error("cannot take 2");
      return n;
    });
    await expect(reading({ read }, {}, fails)).rejects.toMatchObject({ code: "STEP_FAILED" });
    expect(closed).toEqual(["closed"]);
  });

  test("that is cancelled lets go of what it has open, and nothing is called any more", async () => {
    const { closed, read } = closing();
    const calls: string[] = [];
    const running = make().start((p) => {
      p.apply(numbers({ restriction: () => ({ from: 0, to: 1e9 }), read })).apply(
        parDo({
          setup: () => void calls.push("setup"),
          process: () => void calls.push("process"),
          teardown: () => void calls.push("teardown"),
        }),
      );
    });
    while (calls.length < 100) await setImmediate();
    await running.cancel();
    const before = calls.filter((call) => call === "process").length;
    for (let i = 0; i < 20; i++) await setImmediate();
    expect(calls.filter((call) => call === "process").length, "calls after the run had ended").toBe(before);
    expect(closed).toEqual(["closed"]);
    expect(calls.at(-1)).toBe("teardown");
  });
});
