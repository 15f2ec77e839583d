import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  asList,
  asSingleton,
  create,
  fixedWindows,
  globalWindow,
  intervalWindow,
  map,
  MAX_INSTANT,
  MIN_INSTANT,
  NEVER,
  NO_FIRING,
  output,
  sessions,
  slidingWindows,
  windowInto,
  type Instant,
  type KV,
  type PCollection,
  type Pipeline,
  type Window,
} from "millrace";
import { at, testStreams } from "millrace/testing";
import { batchOf, type Batch } from "../../runners/core/batch.ts";
import type { Bundle } from "../../runners/core/bundle.ts";
import { KeyDictionary } from "../../runners/core/key-dictionary.ts";
import { LocalRun } from "../../runners/core/local-run.ts";
import type { View } from "../../runners/core/plan.ts";
import { byReference, runnerOf } from "../../runners/core/run.ts";
import { Forgetting } from "../../runners/core/side-inputs/forgetting.ts";
import { Gate, type GateSpec } from "../../runners/core/side-inputs/gate.ts";
import { contentOf } from "../../runners/core/side-inputs/view-content.ts";
import { ViewSlot } from "../../runners/core/side-inputs/view-slot.ts";
import { Views } from "../../runners/core/side-inputs/views.ts";
import { identityOf } from "../../sdk/coders/canonical-key.ts";
import { DEFAULT_SETTINGS, type WindowingStrategy } from "../../sdk/windowing.ts";
import { defaultTrigger } from "../../sdk/trigger.ts";
import { wallClock } from "../../runners/node/clock.ts";
import { batchWith, element, elementsOf } from "../support/batches.ts";
import { planOf } from "../support/hand-driven.ts";
import { inOrder } from "../support/runs.ts";
import { codeOf } from "../sdk/support/graph.ts";

const inTens: WindowingStrategy = { ...DEFAULT_SETTINGS, windowFn: fixedWindows(10), trigger: defaultTrigger() };
const ten = (start: Instant): Window => intervalWindow(start, start + 10);

/** A view in windows of 10, which the stages 3 and 4 read. */
const tens: View = {
  path: "Tens",
  windowing: inTens,
  form: { kind: "list" },
  isGrouped: true,
  stage: 1,
  readers: [
    { stage: 3, lateness: 0 },
    { stage: 4, lateness: 5 },
  ],
};

/** A pane of a view, as the slot that leads there makes it. */
function paneOf(window: Window, values: readonly unknown[]): Batch {
  const slot = new ViewSlot({ target: 0, collection: 0 }, true);
  slot.put([undefined, values], window.maxTimestamp, [window], NO_FIRING);
  return slot.takeBatches()[0]!;
}

describe("views", () => {
  const listIn = (views: Views, window: Window): unknown => views.contentOf(0, views.windowFor(0, window), "side");

  test("hold the last pane of each window", () => {
    const views = new Views([tens]);
    views.put(0, paneOf(ten(0), [1]));
    views.put(0, paneOf(ten(10), [2]));
    expect([listIn(views, ten(0)), listIn(views, ten(10)), listIn(views, ten(20))]).toEqual([[1], [2], []]);
    views.put(0, paneOf(ten(0), [3, 4]));
    expect(listIn(views, ten(0))).toEqual([3, 4]);
  });

  test("tell windows apart by their bytes, and not by the objects", () => {
    const views = new Views([tens]);
    views.put(0, paneOf({ ...ten(0) } as Window, [1]));
    expect(listIn(views, { ...ten(0) } as Window)).toEqual([1]);
    expect(views.size).toBe(1);
  });

  test("read a pane once, whoever reads it", () => {
    const views = new Views([tens]);
    views.put(0, paneOf(ten(0), [1]));
    expect(listIn(views, ten(0))).toBe(listIn(views, intervalWindow(5, 10)));
  });

  test("are ready with a pane, or when none will come", () => {
    const late = { ...inTens, allowedLateness: 100 };
    const ways: readonly WindowingStrategy[] = [
      inTens,
      late,
      { ...late, trigger: { kind: "never" } },
      { ...late, trigger: { kind: "repeatedly", trigger: { kind: "afterCount", count: 3 } } },
    ];
    const views = new Views(ways.map((windowing) => ({ ...tens, windowing })));
    const readyAt = (view: number): Instant =>
      [9, 10, 109, 110].find((watermark) => views.isReady(view, views.windowFor(view, ten(0)), watermark))!;
    // What no trigger has fired comes when the window expires.
    expect(ways.map((_, view) => readyAt(view))).toEqual([10, 10, 110, 110]);
    views.put(3, paneOf(ten(0), []));
    expect(views.isReady(3, views.windowFor(3, ten(0)), MIN_INSTANT)).toBe(true);
  });

  test("forget windows that are over, also for those who remember the window", () => {
    const views = new Views([tens]);
    for (let start = 0; start < 100; start += 10) views.put(0, paneOf(ten(start), [start]));
    const [first, last] = [views.windowFor(0, ten(40)), views.windowFor(0, ten(50))];
    views.forget(0, 59);
    expect(views.size).toBe(5);
    expect([first.elements, last.elements]).toEqual([undefined, [50]]);
    views.forget(0, NEVER);
    expect(views.size).toBe(0);
  });
});

describe("the map of a view", () => {
  const whole = fc.integer({ min: 0, max: 40 });
  const anyOf = fc.oneof(
    whole,
    fc.constantFrom<unknown>(-0, NaN, -1, 1.5, 2 ** 31, 2 ** 40, "1", "", undefined, null, true, 3n),
    fc.record({ x: whole, y: whole }, { noNullPrototype: true }),
    fc.tuple(whole, fc.constant("x")),
  );
  /** Whole numbers that lie close together, those that do not, texts, and all kinds. */
  const anyKeys = fc.oneof(
    fc.array(whole, { maxLength: 30 }),
    fc.array(fc.oneof(whole, fc.integer({ min: 0, max: 2 ** 33 })), { maxLength: 30 }),
    fc.array(fc.string({ maxLength: 2 }), { maxLength: 30 }),
    fc.array(anyOf, { maxLength: 30 }),
  );
  const anyPairs = anyKeys.map((keys) =>
    keys.map((key: unknown, i): KV<unknown, number | undefined> => [key, i % 5 === 0 ? undefined : i]),
  );
  const probes: readonly unknown[] = [
    ...Array(45).keys(),
    -0,
    NaN,
    -1,
    1.5,
    2 ** 31,
    2 ** 40,
    "1",
    "",
    "a",
    undefined,
    null,
    true,
    3n,
    { y: 1, x: 2 },
    [1, "x"],
  ];
  type AnyMap = ReadonlyMap<unknown, unknown>;

  test("has each key with its value, and tells keys apart as grouping does, however they are kept", () => {
    fc.assert(
      fc.property(anyPairs, (all) => {
        const pairs = [...new Map(all.map((pair) => [identityOf(pair[0]), pair])).values()];
        const byIdentity = new Map(pairs.map(([key, value]) => [identityOf(key), value]));
        const map = contentOf({ kind: "map" }, pairs) as AnyMap;
        for (const key of [...probes, ...pairs.map(([own]) => own)]) {
          expect([map.has(key), map.get(key)]).toEqual([byIdentity.has(identityOf(key)), byIdentity.get(identityOf(key))]);
        }
        const identified = (entries: Iterable<readonly [unknown, unknown]>) =>
          new Map(Array.from(entries, ([key, value]) => [identityOf(key), value]));
        const seen: [unknown, unknown][] = [];
        map.forEach((value, key, own) => {
          expect(own).toBe(map);
          seen.push([key, value]);
        });
        expect(map.size).toBe(byIdentity.size);
        expect([map, map.entries(), seen].map(identified)).toEqual([byIdentity, byIdentity, byIdentity]);
        expect(new Set(Array.from(map.keys(), identityOf))).toEqual(new Set(byIdentity.keys()));
        expect(inOrder([...map.values()])).toEqual(inOrder([...byIdentity.values()]));
      }),
    );
  });

  test("refuses a key that comes twice, and a multimap has both of its values", () => {
    fc.assert(
      fc.property(anyPairs, (pairs) => {
        const lists = new Map<unknown, unknown[]>();
        for (const [key, value] of pairs) lists.set(identityOf(key), [...(lists.get(identityOf(key)) ?? []), value]);
        const map = (): unknown => contentOf({ kind: "map" }, pairs);
        expect(codeOf(map)).toBe(lists.size === pairs.length ? "" : "DUPLICATE_KEY");
        const all = contentOf({ kind: "multimap" }, pairs) as AnyMap;
        expect(new Map(Array.from(all, ([key, values]) => [identityOf(key), values]))).toEqual(lists);
      }),
    );
  });

  test("is a table where keys are whole numbers close together, and a Map where they are other plain keys", () => {
    const kindOf = (...keys: readonly unknown[]): string =>
      (
        contentOf(
          { kind: "map" },
          keys.map((key) => [key, 0]),
        ) as AnyMap
      ).constructor.name;
    expect([kindOf(0, 7, 3), kindOf(0, 8), kindOf("a", 1), kindOf(1.5), kindOf(), kindOf([1])]).toEqual([
      "MapByNumber",
      "Map",
      "Map",
      "Map",
      "Map",
      "MapByForm",
    ]);
  });
});

describe("a view is forgotten", () => {
  const forgotten = (
    views: readonly View[],
    ...steps: readonly Readonly<Record<number, Instant>>[]
  ): readonly (readonly [number, Instant])[] => {
    const forgetting = new Forgetting(views);
    const calls: (readonly [number, Instant])[] = [];
    for (const watermarks of steps)
      forgetting.look(
        (stage) => watermarks[stage]!,
        (...call) => void calls.push(call),
      );
    return calls;
  };

  test("when all who read it have passed its windows, each with the lateness of its own", () => {
    expect(forgotten([tens], { 3: MIN_INSTANT, 4: MIN_INSTANT })).toEqual([]);
    expect(forgotten([tens], { 3: 30, 4: 12 })).toEqual([[0, 9]]);
    expect(forgotten([tens], { 3: 30, 4: 14 }, { 3: 30, 4: 15 }, { 3: 30, 4: 16 })).toEqual([
      [0, 9],
      [0, 19],
    ]);
  });

  test("in windows that end before that of the first main window which is open", () => {
    const sliding = { ...tens, windowing: { ...inTens, windowFn: slidingWindows(10, 5) }, readers: [{ stage: 3, lateness: 0 }] };
    // The window of a main window is the first that contains its end: [0, 10) for 9, [5, 15) for 10.
    expect(forgotten([sliding], { 3: 9 }, { 3: 10 })).toEqual([
      [0, 9],
      [0, 14],
    ]);
  });

  test("never, where it is in the global window", () => {
    const global = planOf((p) => {
      const side = asList(p.apply("Side", create([1])));
      p.apply("Main", create([2])).apply(map((n) => n, { sideInputs: { side } }));
    }).views;
    const stage = global[0]!.readers[0]!.stage;
    const forgetting = new Forgetting(global);
    forgetting.look(
      () => MAX_INSTANT,
      () => {},
    );
    expect(stage).toBeGreaterThan(global[0]!.stage);
    expect(forgetting.isForgotten(0, globalWindow.maxTimestamp)).toBe(false);
  });

  test("before it was made, where nobody reads it", () => {
    const { views } = planOf((p) => void asList(p.apply(create([1])).apply(windowInto(sessions(3)))));
    const forgetting = new Forgetting(views);
    forgetting.look(
      () => MAX_INSTANT,
      () => {},
    );
    expect(forgetting.isForgotten(0, globalWindow.maxTimestamp)).toBe(true);
  });
});

describe("a gate", () => {
  const sides = [
    { name: "a", view: 0 },
    { name: "b", view: 1 },
  ];
  const gateOf = (views: Views, spec: Partial<GateSpec> = {}): Gate =>
    new Gate({ sides, views, windowing: inTens, keys: undefined, headDropsLate: false, ...spec });
  const bundleOf = (batches: readonly Batch[], inputWatermark: Instant, viewWatermarks: readonly Instant[]): Bundle => ({
    stage: 0,
    partition: 0,
    batches,
    inputWatermark,
    outputWatermark: inputWatermark,
    timersOutputWatermark: inputWatermark,
    processingTime: 0,
    isDraining: false,
    idle: [],
    synchronizedProcessingTime: 0,
    viewWatermarks,
  });
  const valuesOf = (batches: readonly Batch[]): readonly unknown[] =>
    elementsOf(batches).map(({ value, windows }) => [value, ...windows.map(({ maxTimestamp }) => maxTimestamp)]);

  test("divides a batch by what its elements wait for; each part holds the watermark where its own elements are", () => {
    const views = new Views([tens, tens]);
    views.put(0, paneOf(ten(0), []));
    views.put(0, paneOf(ten(10), []));
    views.put(1, paneOf(ten(0), []));
    const batch = batchWith([
      element("goes", 1, [ten(0)]),
      element("waits for b", 12, [ten(10)]),
      element("waits for a", 25, [ten(20)]),
      element("goes too", 3, [ten(0)]),
      element("both", 5, [ten(0), ten(10)]),
    ]);
    const { ready, blocked, droppedLate } = gateOf(views).pass(bundleOf([batch], 0, [0, 0]));
    expect(valuesOf(ready)).toEqual([
      ["goes", 9],
      ["goes too", 9],
      ["both", 9],
    ]);
    expect(blocked.map(({ batch: part, ...wait }) => [wait, valuesOf([part]), part.earliest])).toEqual([
      [
        { view: 1, windowEnd: 19, readyAfter: 19 },
        [
          ["waits for b", 19],
          ["both", 19],
        ],
        5,
      ],
      [{ view: 0, windowEnd: 29, readyAfter: 29 }, [["waits for a", 29]], 25],
    ]);
    expect(ready[0]!.earliest).toBe(1);
    expect(droppedLate).toBe(0);
  });

  test("hands on a batch as it is, where all of its elements have one lot", () => {
    const views = new Views([tens, tens]);
    const batch = batchWith([element("x", 1, [ten(0)]), element("y", 2, [intervalWindow(4, 10)])]);
    expect(gateOf(views).pass(bundleOf([batch], 0, [0, 0])).blocked[0]!.batch).toBe(batch);
    expect(gateOf(views).pass(bundleOf([batch], 0, [10, 10])).ready[0]).toBe(batch);
    expect(gateOf(views).pass(bundleOf([batch], 30, [10, 10])).droppedLate).toBe(2);
  });

  test("takes what groupings have without times apart too, with its keys, and counts the parts as batches", () => {
    const views = new Views([tens, tens]);
    for (const view of [0, 1]) views.put(view, paneOf(ten(0), []));
    const keys = new KeyDictionary();
    keys.inTransit = 1;
    const ids = Int32Array.of(7, 8, 9);
    const whole = batchWith([element(1, 1, [ten(0)]), element(2, 12, [ten(10)]), element(3, 3, [ten(0)])], {
      keys: { ids, distinct: undefined },
    });
    const batch: Batch = {
      ...whole,
      stamps: {
        timestamps: new Float64Array(0),
        windows: (whole.stamps as { windows: readonly (readonly Window[])[] }).windows,
        panes: [],
      },
    };
    const { ready, blocked } = gateOf(views, { keys, headDropsLate: true }).pass(bundleOf([batch], 0, [0, 0]));
    expect(ready.map(({ keys: own, values, earliest }) => [[...own!.ids], values, earliest])).toEqual([[[7, 9], [1, 3], 9]]);
    expect(blocked.map(({ batch: { keys: own, values, earliest } }) => [[...own!.ids], values, earliest])).toEqual([[[8], [2], 19]]);
    expect(keys.inTransit).toBe(2);
  });

  test("takes batches under one stamp apart by windows", () => {
    const views = new Views([tens, tens]);
    for (const view of [0, 1]) views.put(view, paneOf(ten(0), []));
    const batch: Batch = {
      ...batchOf({ target: 0, collection: 0 }, ["x", "y"]),
      stamps: { timestamp: 4, windows: [ten(0), ten(10)], pane: NO_FIRING },
    };
    const { ready, blocked } = gateOf(views).pass(bundleOf([batch], 0, [0, 0]));
    expect(elementsOf(ready)).toEqual(["x", "y"].map((value) => element(value, 4, [ten(0)])));
    expect(elementsOf(blocked.map(({ batch: part }) => part))).toEqual(["x", "y"].map((value) => element(value, 4, [ten(10)])));
  });

  test("drops what comes when one of its side windows is over, unless the head does, which knows where it goes", () => {
    const views = new Views([tens, tens]);
    const batch = (): Batch => batchWith([element("late", 1, [ten(0)]), element("waits", 25, [ten(20)])]);
    const { ready, blocked, ...drops } = gateOf(views).pass(bundleOf([batch()], 20, [0, 0]));
    expect([valuesOf(ready), valuesOf(blocked.map(({ batch: part }) => part))]).toEqual([[], [["waits", 29]]]);
    expect(drops).toEqual({ droppedLate: 1, droppedClosed: 0, lateSample: ['element "late" in [0, 10), 11 ms late'] });
    const grouping = gateOf(views, { headDropsLate: true }).pass(bundleOf([batch()], 20, [0, 0]));
    expect([valuesOf(grouping.ready), grouping.droppedLate]).toEqual([[["late", 9]], 0]);
    expect(views.size, "late elements bring nothing back").toBe(1);
  });
});

describe("the memory of a run", () => {
  /** The windows of a view that a run keeps at the same time, at most; and how many panes came in all. */
  async function keptAtOnce(
    build: (p: Pipeline) => void,
  ): Promise<{ readonly most: number; readonly panes: number; readonly left: number }> {
    const kept = new Set<Instant>();
    let [most, panes] = [0, 0];
    const runner = runnerOf({
      name: "direct",
      isForStreams: false,
      cut: {},
      clock: wallClock,
      random: () => 0.5,
      carrier: () => byReference,
      async drive(job) {
        const run = new LocalRun(job, {});
        const { onView, onForget } = job.scheduler;
        job.scheduler.onView = (view, pane) => {
          onView(view, pane);
          panes++;
          most = Math.max(most, kept.add(pane.windowEnd!).size);
        };
        job.scheduler.onForget = (view, endsBefore) => {
          onForget(view, endsBefore);
          for (const end of kept) if (end < endsBefore) kept.delete(end);
        };
        while (!run.isOver) {
          run.round();
          if (!run.isOver && !job.turn.isOver) await job.turn.wake();
          if (job.turn.isOver) await job.turn.yield();
        }
        await run.close();
      },
    });
    await runner.run(build);
    return { most, panes, left: kept.size };
  }

  const WINDOWS = 200;

  /** Streams that go on together, `lag` windows apart. */
  const streamsInStep = (lag: number) => {
    let streams = testStreams({ main: output<number>(), side: output<number>() });
    for (let i = 0; i < WINDOWS; i++) {
      streams = streams.addElements("side", at(i * 10, i)).advanceWatermarkTo("side", (i + 1) * 10);
      if (i >= lag) streams = streams.addElements("main", at((i - lag) * 10, i)).advanceWatermarkTo("main", (i - lag + 1) * 10);
    }
    return streams;
  };

  const read = (main: PCollection<number>, side: PCollection<number>, name: string, allowedLateness = 0): void => {
    const value = asSingleton(side.apply(`${name}Side`, windowInto(fixedWindows(10))), { default: -1 });
    main.apply(`${name}Main`, windowInto(fixedWindows(10), { allowedLateness, accumulation: "discarding" })).apply(
      `${name}Read`,
      map((n, ctx) => n - ctx.sideInputs.value, { sideInputs: { value } }),
    );
  };

  test.each([
    [0, 0, 3],
    [5, 0, 8],
    [0, 50, 8],
  ])("does not grow with the number of windows: %i windows apart, lateness %i", async (lag, lateness, most) => {
    const kept = await keptAtOnce((p) => {
      const { main, side } = p.apply(streamsInStep(lag));
      read(main, side, "One", lateness);
    });
    expect(kept.panes).toBe(WINDOWS);
    expect(kept.most).toBeLessThanOrEqual(most);
    expect(kept.left).toBeLessThanOrEqual(1);
  });

  test("has nothing of a view that nobody reads", async () => {
    const kept = await keptAtOnce((p) => {
      const { side } = p.apply(streamsInStep(0));
      asList(side.apply(windowInto(fixedWindows(10))));
    });
    expect(kept).toEqual({ most: 0, panes: 0, left: 0 });
  });
});
