import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  defaultTrigger,
  fixedWindows,
  globalWindow,
  globalWindows,
  intervalWindow,
  intervalWindowCoder,
  MAX_INSTANT,
  MIN_INSTANT,
  NEVER,
  type AnyCombineFn,
  type IntervalWindow,
  type Pane,
  type Window,
  type WindowFn,
} from "millrace";
import type { Batch } from "../../runners/core/batch.ts";
import type { GroupingSpec } from "../../runners/core/groupings/grouping.ts";
import { SinglePaneGrouping } from "../../runners/core/groupings/single-pane-grouping.ts";
import { KeyDictionary } from "../../runners/core/key-dictionary.ts";
import { DEFAULT_SETTINGS, type WindowingStrategy } from "../../sdk/windowing.ts";
import { batchWith, element, type Element } from "../support/batches.ts";
import { list } from "../support/pane-driver.ts";

const tens = fixedWindows(10);
const windowing = (windowFn: WindowFn = tens, allowedLateness = 0): WindowingStrategy => ({
  ...DEFAULT_SETTINGS,
  windowFn,
  trigger: defaultTrigger(),
  allowedLateness,
});

/** Windows of 10 at every 5: an element is in two of them. */
const overlapping: WindowFn = {
  name: "overlapping",
  assign: ({ timestamp }) => {
    const start = Math.floor(timestamp / 5) * 5;
    return [intervalWindow(start, start + 10), intervalWindow(start - 5, start + 5)];
  },
  windowCoder: intervalWindowCoder,
  isCompatible: () => false,
};

/** A pair that a window emits, with its stamp. */
interface Fired {
  readonly pair: unknown;
  readonly timestamp: number;
  readonly windows: readonly Window[];
  readonly pane: Pane;
}

/** What else a grouping is told. */
interface Settings {
  readonly allowedLateness?: number;
  readonly fn?: AnyCombineFn;
  readonly emitsDefault?: boolean;
  readonly mayGenerate?: boolean;
}

/** A grouping with its keys, as a test talks to it. */
class Subject {
  readonly keys = new KeyDictionary();
  readonly grouping: SinglePaneGrouping;
  readonly #windowFn: WindowFn;

  constructor(windowFn: WindowFn = tens, { allowedLateness = 0, fn = list, emitsDefault = false, mayGenerate = true }: Settings = {}) {
    const spec: GroupingSpec = { path: "Group", fn, windowing: windowing(windowFn, allowedLateness), emitsDefault };
    this.#windowFn = windowFn;
    this.grouping = new SinglePaneGrouping(spec, this.keys, mayGenerate);
  }

  /** Adds a value of a key at a time, all in one batch; the value is the time unless it is given. */
  add(pairs: readonly (readonly [key: unknown, at: number, value?: unknown])[], watermark = MIN_INSTANT): void {
    const elements = pairs.map(([, at, ...value]) => this.#element(value.length > 0 ? value[0] : at, at));
    this.grouping.add(this.#batch(elements, pairs), watermark);
  }

  #element(value: unknown, at: number): Element {
    return element(value, at, this.#windowFn.assign({ value, timestamp: at, windows: [] }));
  }

  #batch(elements: readonly Element[], pairs: readonly (readonly unknown[])[]): Batch {
    const ids = Int32Array.from(pairs, ([key]) => this.keys.idOf(key));
    return batchWith(elements, { keys: { ids, distinct: undefined } });
  }

  fire(watermark: number): readonly Fired[] {
    const fired: Fired[] = [];
    this.grouping.fire(watermark, (pairs, stamp) => {
      for (const pair of pairs) fired.push({ pair, ...stamp });
    });
    return fired;
  }

  pairs(watermark: number): readonly unknown[] {
    return this.fire(watermark).map(({ pair }) => pair);
  }
}

describe("a window", () => {
  test("emits the values of each key once the watermark is past its last instant, and not when it is reached", () => {
    const subject = new Subject();
    subject.add([
      ["a", 1],
      ["b", 2],
      ["a", 9],
    ]);
    expect(subject.fire(9)).toEqual([]);
    expect(subject.pairs(10)).toEqual([
      ["a", [1, 9]],
      ["b", [2]],
    ]);
    expect(subject.fire(MAX_INSTANT), "and only once").toEqual([]);
  });

  test("emits at its end, in itself, on time, in its first and last pane", () => {
    const subject = new Subject();
    subject.add([["a", 12]]);
    const [{ timestamp, windows, pane }] = subject.fire(20) as [Fired];
    expect({ timestamp, windows }).toEqual({ timestamp: 19, windows: [{ start: 10, end: 20, maxTimestamp: 19 }] });
    expect(pane).toEqual({ timing: "ON_TIME", index: 0, nonSpeculativeIndex: 0, isFirst: true, isLast: true });
  });

  test("emits before those that end later", () => {
    const subject = new Subject();
    subject.add([
      ["b", 25],
      ["a", 3],
      ["a", 21],
      ["c", 11],
      ["b", 4],
    ]);
    const ends = subject.fire(30).map(({ timestamp, pair }) => [timestamp, pair]);
    expect(ends.map(([end]) => end)).toEqual([9, 9, 19, 29, 29]);
    expect(new Set(ends)).toEqual(
      new Set([
        [9, ["a", [3]]],
        [9, ["b", [4]]],
        [19, ["c", [11]]],
        [29, ["b", [25]]],
        [29, ["a", [21]]],
      ]),
    );
  });

  test("that is not due keeps what it has", () => {
    const subject = new Subject();
    subject.add([
      ["a", 1],
      ["a", 11],
    ]);
    expect(subject.pairs(15)).toEqual([["a", [1]]]);
    subject.add([["a", 12]], 15);
    expect(subject.pairs(20)).toEqual([["a", [11, 12]]]);
  });

  test("is the same for equal windows that were made apart", () => {
    const apart: WindowFn = {
      ...tens,
      assign: ({ timestamp }) => [intervalWindow(Math.floor(timestamp / 10) * 10, Math.floor(timestamp / 10) * 10 + 10)],
    };
    const subject = new Subject(apart);
    subject.add([
      ["a", 1],
      ["a", 2],
    ]);
    subject.add([["a", 3]]);
    expect(subject.pairs(10)).toEqual([["a", [1, 2, 3]]]);
  });

  test("takes its part of an element that is in several", () => {
    const subject = new Subject(overlapping);
    subject.add([
      ["a", 3],
      ["a", 7],
    ]);
    const byWindow = subject.fire(MAX_INSTANT).map(({ pair, windows }) => [(windows[0] as IntervalWindow).start, pair]);
    expect(byWindow).toEqual([
      [-5, ["a", [3]]],
      [0, ["a", [3, 7]]],
      [5, ["a", [7]]],
    ]);
  });
});

describe("an element is dropped, and counted,", () => {
  test("LATE-01 when its window has expired, whatever its own time is", () => {
    const subject = new Subject();
    subject.add(
      [
        ["k", 13],
        ["k", 5],
        ["k", 16],
        ["k", 18],
      ],
      15,
    );
    expect(subject.grouping.drops.lateCount).toBe(1);
    expect(subject.pairs(MAX_INSTANT)).toEqual([["k", [13, 16, 18]]]);
  });

  test.each([0, 4])("LATE-14 once the watermark is past the window's last instant and the lateness of %i ms", (lateness) => {
    const subject = new Subject(tens, { allowedLateness: lateness });
    subject.add([["k", 5]], 9 + lateness);
    expect(subject.grouping.drops.lateCount).toBe(0);
    subject.add([["k", 6]], 10 + lateness);
    expect(subject.grouping.drops.lateCount).toBe(1);
    expect(subject.pairs(MAX_INSTANT)).toEqual([["k", [5]]]);
  });

  test("once for each of its windows that have expired", () => {
    const subject = new Subject(overlapping);
    subject.add([["a", 7]], 10); // in [5, 15), and in [0, 10), which has expired
    expect(subject.grouping.drops.lateCount).toBe(1);
    expect(subject.pairs(MAX_INSTANT)).toEqual([["a", [7]]]);
    subject.add([["a", 7]], MAX_INSTANT);
    expect(subject.grouping.drops.lateCount).toBe(3);
  });

  test("with all others of a batch that share its windows", () => {
    const subject = new Subject();
    const windows = tens.assign({ value: 0, timestamp: 1, windows: [] });
    const ids = Int32Array.from(["a", "b", "a"], (key) => subject.keys.idOf(key));
    subject.grouping.add(
      batchWith(
        [1, 2, 3].map((value) => element(value, 1, windows)),
        { isUniform: true, keys: { ids, distinct: undefined } },
      ),
      10,
    );
    expect(subject.grouping.drops.lateCount).toBe(3);
    expect(subject.grouping.hold).toBe(NEVER);
  });
});

describe("the hold, and the next timer,", () => {
  test("are never as long as there is nothing", () => {
    const { grouping } = new Subject();
    expect([grouping.hold, grouping.nextTimer]).toEqual([NEVER, NEVER]);
  });

  test("are at the end of the first window that has something to emit", () => {
    const subject = new Subject();
    const both = (): readonly number[] => [subject.grouping.hold, subject.grouping.nextTimer];
    subject.add([["a", 25]]);
    expect(both()).toEqual([29, 29]);
    subject.add([["a", 5]]);
    expect(both()).toEqual([9, 9]);
    subject.fire(10);
    expect(both()).toEqual([29, 29]);
    subject.fire(30);
    expect(both()).toEqual([NEVER, NEVER]);
  });
});

describe("a window with more keys than a bundle has room for", () => {
  const MOST = 32 * 1_024;
  const keys = Array.from({ length: 2 * MOST + 5 }, (_, i) => i);

  test("is emitted in parts, and is due until it is empty", () => {
    const subject = new Subject();
    subject.add(keys.map((key) => [key, 5] as const));
    subject.add([["next", 15]]);
    const first = subject.pairs(20);
    expect(first).toHaveLength(MOST);
    expect([subject.grouping.hold, subject.grouping.nextTimer]).toEqual([9, 9]);
    const second = subject.pairs(20);
    expect(second).toHaveLength(MOST);
    const third = subject.pairs(20);
    expect(third).toHaveLength(6);
    expect([...first, ...second, ...third]).toEqual([...keys.map((key) => [key, [5]]), ["next", [15]]]);
    expect(subject.grouping.hold).toBe(NEVER);
  });

  test("is emitted before windows that end later", () => {
    const subject = new Subject();
    subject.add(keys.map((key) => [key, 15] as const));
    subject.add([["early", 5]]);
    expect(subject.pairs(20)[0]).toEqual(["early", [5]]);
  });

  test("hands on no more than a batch at once", () => {
    const subject = new Subject();
    subject.add(keys.map((key) => [key, 5] as const));
    const sizes: number[] = [];
    subject.grouping.fire(20, (pairs) => sizes.push(pairs.length));
    expect(Math.max(...sizes)).toBe(1_024);
    expect(Math.min(...sizes)).toBeGreaterThan(0);
  });
});

test("accumulators that were combined before they came are merged with what is there", () => {
  const sum: AnyCombineFn = {
    name: "sum",
    create: () => 0,
    add: () => expect.fail("an accumulator is no element"),
    merge: (a: number, b: number) => a + b,
    extract: (total: number) => total,
  };
  const subject = new Subject(tens, { fn: sum });
  const windows = tens.assign({ value: 0, timestamp: 1, windows: [] });
  for (const partials of [
    [1, 10],
    [100, 1_000],
  ]) {
    const batch = batchWith(
      partials.map((partial) => element(partial, 1, windows)),
      { isUniform: true, keys: { ids: Int32Array.of(0, 1), distinct: ["a", "b"] } },
    );
    subject.grouping.add({ ...batch, isPartial: true }, MIN_INSTANT);
  }
  expect(subject.pairs(10)).toEqual([
    ["a", 101],
    ["b", 1_010],
  ]);
});

test("keys that a batch brings along are looked up in the dictionary of the partition", () => {
  const subject = new Subject();
  subject.add([
    ["b", 1, "first"],
    ["a", 1, "second"],
  ]);
  const windows = tens.assign({ value: 0, timestamp: 1, windows: [] });
  const brought = batchWith(
    ["third", "fourth", "fifth"].map((value) => element(value, 1, windows)),
    { isUniform: true, keys: { ids: Int32Array.of(1, 0, 1), distinct: ["a", "c"] } },
  );
  subject.grouping.add(brought, MIN_INSTANT);
  expect(subject.pairs(10)).toEqual([
    ["b", ["first"]],
    ["a", ["second", "fourth"]],
    ["c", ["third", "fifth"]],
  ]);
});

describe.each([
  ["generated code", true],
  ["a closure", false],
])("folding by %s", (_, mayGenerate) => {
  const subjectOf = (fn: Partial<AnyCombineFn>): Subject => new Subject(tens, { fn: { ...list, ...fn }, mayGenerate });

  test("takes undefined for an accumulator like others", () => {
    const subject = subjectOf({ create: () => undefined, add: () => undefined, extract: (it) => String(it) });
    subject.add([
      ["a", 1],
      ["a", 2],
    ]);
    expect(subject.pairs(10)).toEqual([["a", "undefined"]]);
  });

  test("begins anew for each key and window, and goes on with what add has answered", () => {
    const calls: string[] = [];
    const subject = subjectOf({
      create: () => (calls.push("create"), ""),
      add: (text: string, value: unknown) => (calls.push(`add ${String(value)} to "${text}"`), `${text}${String(value)} `),
      merge: () => expect.fail("nothing is merged here"),
      extract: (text: string) => (calls.push("extract"), text),
    });
    calls.length = 0;
    subject.add([
      ["a", 1],
      ["b", 2],
      ["b", 3],
      ["a", 4],
      ["a", 15],
    ]);
    expect(calls, "elements are folded as they come").toEqual([
      "create",
      'add 1 to ""',
      "create",
      'add 2 to ""',
      'add 3 to "2 "',
      'add 4 to "1 "',
      "create",
      'add 15 to ""',
    ]);
    expect(subject.pairs(20)).toEqual([
      ["a", "1 4 "],
      ["b", "2 3 "],
      ["a", "15 "],
    ]);
    expect(calls.slice(8)).toEqual(["extract", "extract", "extract"]);
  });

  test("keeps numbers, and the absence of one, apart from zero", () => {
    const subject = subjectOf({ create: () => 0, add: (sum: number, value: number) => sum + value, extract: (sum: number) => sum });
    subject.add([
      ["a", 1, 0],
      ["b", 11, 0.5],
      ["c", 11, -0],
    ]);
    subject.add([["d", 1, 2 ** 40]]);
    expect(subject.pairs(20)).toEqual([
      ["a", 0],
      ["d", 2 ** 40],
      ["b", 0.5],
      ["c", 0],
    ]);
  });

  test.each([0, 1, 2, 3])("names the grouping and the element when add throws for element %i of a batch", (at) => {
    const cause = new Error("cannot add");
    const subject = subjectOf({
      add: (values: unknown[], value: unknown) => {
        if (value === `v${at}`) throw cause;
        return [...values, value];
      },
    });
    const pairs = ["a", "b", "b", "a"].map((key, i) => [key, 1, `v${i}`] as const);
    expect(() => subject.add(pairs)).toThrow(
      expect.objectContaining({ code: "STEP_FAILED", cause, parts: expect.objectContaining({ at: "Group", got: `the element "v${at}"` }) }),
    );
    const added = Object.fromEntries((subject.pairs(10) as [string, string[]][]).map(([key, values]) => [key, values]));
    const before = (key: string): readonly string[] => pairs.flatMap(([own, , value], i) => (own === key && i < at ? [value] : []));
    // What was added before stays, and a key whose first value failed may be there without any.
    for (const key of ["a", "b"]) expect(added[key] ?? []).toEqual(before(key));
  });

  test("names the grouping when create throws", () => {
    let isReady = false;
    const subject = subjectOf({
      create: () => {
        if (isReady) throw new Error("cannot create");
        return [];
      },
    });
    isReady = true;
    expect(() => subject.add([["a", 1]])).toThrow(
      expect.objectContaining({ code: "STEP_FAILED", parts: expect.objectContaining({ at: "Group" }) }),
    );
  });

  test("names the grouping and the key when extract throws", () => {
    const subject = subjectOf({
      extract: () => {
        throw new Error("cannot extract");
      },
    });
    subject.add([["the key", 1]]);
    expect(() => subject.fire(10)).toThrow(
      expect.objectContaining({ code: "STEP_FAILED", parts: expect.objectContaining({ at: "Group", got: 'the element "the key"' }) }),
    );
  });
});

describe("a combine of a whole collection", () => {
  const counting: AnyCombineFn = {
    name: "count",
    create: () => 0,
    add: (n: number) => n + 1,
    merge: (a: number, b: number) => a + b,
    extract: (n: number) => n,
  };
  const END = globalWindow.maxTimestamp;

  test("gives once, when the global window has ended, what it gives for nothing", () => {
    const subject = new Subject(globalWindows() as unknown as WindowFn, { fn: counting, emitsDefault: true });
    expect([subject.grouping.hold, subject.grouping.nextTimer]).toEqual([END, END]);
    expect(subject.fire(END)).toEqual([]);
    expect(subject.fire(END + 1)).toMatchObject([
      { pair: [undefined, 0], timestamp: END, windows: [globalWindow], pane: { timing: "ON_TIME" } },
    ]);
    expect(subject.fire(MAX_INSTANT)).toEqual([]);
    expect(subject.grouping.hold).toBe(NEVER);
  });

  test("prefers what the combiner says of nothing", () => {
    const subject = new Subject(globalWindows() as unknown as WindowFn, { fn: { ...counting, empty: () => "empty" }, emitsDefault: true });
    expect(subject.pairs(MAX_INSTANT)).toEqual([[undefined, "empty"]]);
  });

  test("gives nothing else where there was an element", () => {
    const subject = new Subject(globalWindows() as unknown as WindowFn, { fn: counting, emitsDefault: true });
    subject.add([[undefined, 5]]);
    expect(subject.pairs(MAX_INSTANT)).toEqual([[undefined, 1]]);
    expect(subject.pairs(MAX_INSTANT)).toEqual([]);
  });
});

/** Any mix of batches and steps of the watermark, which only moves forward. */
const script = fc.array(
  fc.oneof(
    fc.record({ add: fc.array(fc.record({ key: fc.nat(4), at: fc.nat(99) }), { minLength: 1, maxLength: 8 }) }),
    fc.record({ step: fc.nat(30) }),
  ),
  { maxLength: 30 },
);

test("every element comes out once or is counted as dropped, whatever the order and the watermark", () => {
  fc.assert(
    fc.property(script, fc.constantFrom(tens, overlapping), (events, windowFn) => {
      const subject = new Subject(windowFn);
      const sent: unknown[] = [];
      let watermark = 0;
      let added = 0;
      for (const event of events) {
        if ("step" in event) watermark += event.step;
        else {
          subject.add(
            event.add.map(({ key, at }) => [key, at, added++] as const),
            watermark,
          );
        }
        sent.push(...subject.pairs(watermark).flatMap((pair) => (pair as [unknown, unknown[]])[1]));
        expect(subject.grouping.hold, "what is left lies ahead").toBeGreaterThanOrEqual(watermark);
      }
      sent.push(...subject.pairs(MAX_INSTANT).flatMap((pair) => (pair as [unknown, unknown[]])[1]));
      const perElement = windowFn === tens ? 1 : 2;
      expect(sent.length + subject.grouping.drops.lateCount).toBe(added * perElement);
      const times = new Map<unknown, number>();
      for (const each of sent) times.set(each, (times.get(each) ?? 0) + 1);
      for (const count of times.values()) expect(count).toBeLessThanOrEqual(perElement);
    }),
  );
});

test("when all elements come before the watermark moves, windows equal a group-by done from scratch", () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ key: fc.constantFrom("a", "b", null), at: fc.nat(99) })),
      fc.integer({ min: 1, max: 5 }),
      (arrived, size) => {
        const subject = new Subject();
        for (let i = 0; i < arrived.length; i += size) subject.add(arrived.slice(i, i + size).map(({ key, at }) => [key, at] as const));
        const fired = subject.fire(100).map(({ pair, windows }) => [(windows[0] as IntervalWindow).start, ...(pair as [unknown, unknown])]);

        const groups = new Map<string, [number, unknown, number[]]>();
        for (const { key, at } of arrived) {
          const start = Math.floor(at / 10) * 10;
          const group = groups.get(`${start} ${key}`) ?? [start, key, []];
          group[2].push(at);
          groups.set(`${start} ${key}`, group);
        }
        expect(fired).toHaveLength(groups.size);
        expect(fired).toEqual(expect.arrayContaining([...groups.values()]));
      },
    ),
  );
});
