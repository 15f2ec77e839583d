import { describe, expect, test } from "vitest";
import {
  afterAll,
  afterCount,
  afterEach,
  afterFirst,
  afterProcessingTime,
  afterWatermark,
  calendarDays,
  calendarMonths,
  calendarWeeks,
  calendarYears,
  coGroupByKey,
  collect,
  combineGlobally,
  combinePerKey,
  counter,
  create,
  days,
  defaultTrigger,
  eventTimer,
  distribution,
  dynamicSessions,
  fixedWindows,
  flatten,
  globalWindows,
  groupByKey,
  hours,
  intervalWindowCoder,
  kv,
  kvCoder,
  latest,
  map,
  mean,
  minutes,
  never,
  numberCoder,
  orFinally,
  output,
  parDo,
  partition,
  bagState,
  mapState,
  setState,
  valueState,
  resume,
  splittable,
  stringCoder,
  structuralCoder,
  type BagCell,
  type Coder,
  type Collected,
  type MapCell,
  type OffsetRange,
  type SetCell,
  type ValueCell,
  remerge,
  repeatedly,
  reshuffle,
  seconds,
  sessions,
  slidingWindows,
  sum,
  windowInto,
  withCoder,
  withWindowing,
  type AnyCombineFn,
  type InheritingOptions,
  type KV,
  type PCollection,
  type Pipeline,
  type PTransform,
  type Trigger,
  type WindowFn,
} from "millrace";
import { directRunner } from "millrace/runners/direct";
import { refusingCoder } from "../../runners/conformance/cases/support.ts";
import { primitive } from "../../sdk/transform.ts";
import { DEFAULT_SETTINGS } from "../../sdk/windowing.ts";
import { codeOf, errorOf, graphOf, nodeAt, outputOf } from "../sdk/support/graph.ts";

// The rows of the catalogue that are about the graph: what it says, and what is refused while it is built.

class TestDoFn {
  readonly output = output<number>();
  process(): undefined {}
}

class Checker extends TestDoFn {}

class SplitFn extends TestDoFn {
  readonly outputs = { other: output<number>() };
}

/** The names of the steps that read the numbers. */
function namesOf(apply: (numbers: PCollection<number>) => unknown): readonly string[] {
  const graph = graphOf((p) => void apply(p.apply("Numbers", create([1]))));
  return graph.nodes.map(({ path }) => path).filter((path) => !path.startsWith("Numbers"));
}

const afterFive = repeatedly(afterCount(5));

const numbers = (p: Pipeline, name: string): PCollection<number> => p.apply(name, create([1]));
const pairs = (p: Pipeline, name: string): PCollection<readonly [string, number]> => p.apply(name, create([kv("k", 1)]));

describe("names", () => {
  test("PAR-16 a DoFn is named after its class without its suffix", () => {
    expect(namesOf((input) => input.apply(parDo(new TestDoFn())))).toEqual(["ParDo(Test)"]);
  });

  test("PAR-16 a step may be given a name", () => {
    expect(namesOf((input) => input.apply("MyParDo", parDo(new TestDoFn())))).toEqual(["MyParDo"]);
  });

  test("PAR-16 a class without such a suffix gives its whole name", () => {
    expect(namesOf((input) => input.apply(parDo(new Checker())))).toEqual(["ParDo(Checker)"]);
  });

  test("PAR-16 several outputs show in the name", () => {
    expect(namesOf((input) => input.apply(parDo(new SplitFn())))).toEqual(["ParMultiDo(Split)"]);
  });

  test("OUT-11 the outputs of a step are named after it and their tags", () => {
    const o = output<number>();
    const graph = graphOf((p) => {
      numbers(p, "Numbers").apply("MyParDo", parDo({ output: o, outputs: { o1: o, o2: o, unused: o }, process() {} }));
    });
    const { outputs } = nodeAt(graph, "MyParDo");
    expect(Object.values(outputs).map((id) => graph.collections[id]!.name)).toEqual([
      "MyParDo.main",
      "MyParDo.o1",
      "MyParDo.o2",
      "MyParDo.unused",
    ]);
  });

  test("DAG-01 steps without a name are numbered, and never clash", () => {
    const graph = graphOf((p) => {
      for (const input of [p.apply(create([1])), p.apply(create([2]))]) input.apply(parDo({ output: output<number>(), process() {} }));
    });
    expect(graph.nodes.filter(({ parent }) => parent === undefined).map(({ path }) => path)).toEqual([
      "Create",
      "Create2",
      "ParDo",
      "ParDo2",
    ]);
  });

  test("DAG-01 two steps with one name are refused, and the error names it and says how to go on", () => {
    const { code, parts } = errorOf(() =>
      graphOf((p) => {
        const input = numbers(p, "Numbers");
        for (const factor of [2, 3]) {
          input.apply(
            "Times",
            map((n) => n * factor),
          );
        }
      }),
    );
    expect([code, parts.at]).toEqual(["DUPLICATE_NAME", "Times"]);
    expect(parts.fix).toMatch(/name/);
  });

  test.each([
    ["a name", () => counter("")],
    ["a counter's namespace", () => counter("n", { namespace: "" })],
    ["a distribution's namespace", () => distribution("n", { namespace: "" })],
  ])("MET-08 %s of a metric is not empty", (_, make) => {
    expect(errorOf(make).code).toBe("BAD_NAME");
  });
});

describe("coders", () => {
  test("GBK-08 keys need a coder that is deterministic", () => {
    const unordered = { ...structuralCoder, name: "unorderedMap", deterministic: false };
    const { code, parts } = errorOf(() =>
      graphOf((p) => void pairs(p, "Pairs").pipe(withCoder(kvCoder(unordered, numberCoder)), groupByKey())),
    );
    expect([code, parts.at, parts.got]).toEqual(["KEY_NOT_DETERMINISTIC", "GroupByKey", "the coder unorderedMap"]);
  });

  test("CRE-01 a collection of nothing needs no coder, and keeps one that it is given", () => {
    const graph = graphOf((p) => {
      p.apply("Without", create<string>([]));
      p.apply("With", create<string>([], { coder: stringCoder }));
      p.apply("Refusing", create<string>([], { coder: refusingCoder() }));
    });
    expect(["Without", "With", "Refusing"].map((path) => outputOf(graph, path).coder.name)).toEqual(["structural", "string", "refusing"]);
  });

  test("FLT-03 nothing at all cannot be put together, and the error says what can", () => {
    const { code, parts } = errorOf(() => graphOf(() => void flatten([])));
    expect(code).toBe("NO_INPUTS");
    expect(parts.fix).toMatch(/emptyCollection\(coder\)/);
  });
});

describe("windows", () => {
  const inWindows = (p: Pipeline, name: string, ms: number): PCollection<readonly [string, number]> =>
    pairs(p, name).apply(`${name}Windows`, windowInto(fixedWindows(ms)));

  test.each([
    [-1, 0],
    [1, 2],
    [1, -1],
  ])("WIN-03 fixed windows of the size %i with the offset %i are refused", (size, offset) => {
    const { code, parts } = errorOf(() => fixedWindows(size, offset));
    expect(code).toBe("BAD_WINDOW");
    expect(parts.what).toMatch(/more than 0, and an offset from 0 up to the size/);
  });

  test.each([
    [days(1), hours(1)],
    [hours(2), hours(1)],
    [hours(1), minutes(1)],
    [minutes(10), minutes(1)],
    [minutes(1), seconds(1)],
    [seconds(10), seconds(1)],
    [seconds(1), 1],
    [10, 1],
    [1, 1],
  ])("WIN-10 sliding windows of %i ms start every %i ms unless they are told otherwise", (size, period) => {
    expect(slidingWindows(size).name).toBe(`sliding(${size}/${period})`);
  });

  test.each([
    ["sliding windows of no size", () => slidingWindows(0)],
    ["a period of nothing", () => slidingWindows(10, 0)],
    ["a period that is no whole number", () => slidingWindows(10, 2.5)],
    ["a sliding offset beyond the period", () => slidingWindows(10, 5, 5)],
    ["a gap of nothing", () => sessions(0)],
    ["a gap that is no number", () => sessions(NaN)],
    ["a gap without end", () => sessions(Infinity)],
    ["no days", () => calendarDays(0)],
    ["half a week", () => calendarWeeks(0.5)],
    ["a day that is not there", () => calendarDays(1, { startingDay: "2023-02-29" })],
    ["a text that is no day", () => calendarDays(1, { startingDay: "tomorrow" })],
    ["a day of the week that is none", () => calendarWeeks(1, { startDayOfWeek: "someday" as never })],
    ["a day that some months do not have", () => calendarMonths(1, { dayOfMonth: 29 })],
    ["a month that is not there", () => calendarMonths(1, { startingMonth: "2024-13" })],
    ["a day that some years do not have", () => calendarYears(1, { monthOfYear: 2, dayOfMonth: 29 })],
    ["a thirteenth month", () => calendarYears(1, { monthOfYear: 13 })],
    ["a year that is no whole number", () => calendarYears(1, { startingYear: NaN })],
    ["a time zone that is not known", () => calendarDays(1, { timeZone: "Middle/Earth" })],
  ])("%s: refused", (_, make) => {
    expect(errorOf(make).code).toBe("BAD_WINDOW");
  });

  test("WIN-16 sessions of any gap are compatible, and with nothing else", () => {
    expect(sessions(10).isCompatible(sessions(20))).toBe(true);
    expect(sessions(10).isCompatible(dynamicSessions(() => 5))).toBe(true);
    expect(dynamicSessions(() => 5).isCompatible(sessions(10))).toBe(true);
    expect(sessions(10).isCompatible(fixedWindows(10))).toBe(false);
    expect(fixedWindows(10).isCompatible(sessions(10))).toBe(false);
  });

  test("WIN-16 sliding windows of two sizes are not compatible, and neither are calendars of two zones", () => {
    expect(slidingWindows(10, 5).isCompatible(slidingWindows(10, 5))).toBe(true);
    expect(slidingWindows(10, 5).isCompatible(slidingWindows(20, 5))).toBe(false);
    expect(slidingWindows(10, 5).isCompatible(slidingWindows(10, 2))).toBe(false);
    expect(slidingWindows(10, 10).isCompatible(fixedWindows(10))).toBe(false);
    expect(calendarDays(1).isCompatible(calendarDays(1, { timeZone: "UTC" }))).toBe(true);
    expect(calendarDays(1).isCompatible(calendarDays(1, { timeZone: "Asia/Tokyo" }))).toBe(false);
  });

  test("WIN-16 fixed windows of two sizes are not compatible", () => {
    expect(fixedWindows(10).isCompatible(fixedWindows(20))).toBe(false);
    expect(fixedWindows(10).isCompatible(fixedWindows(10, 5))).toBe(false);
    expect(fixedWindows(10).isCompatible(fixedWindows(10))).toBe(true);
  });

  test("FLT-09 what is put together from windows of one size stays in them", () => {
    const graph = graphOf((p) => void flatten([inWindows(p, "A", minutes(1)), inWindows(p, "B", minutes(1))]));
    expect(outputOf(graph, "Flatten").windowing.windowFn.name).toBe("fixed(60000)");
  });

  test("FLT-09 sessions of any gap can be put together, and are of the first's", () => {
    const inSessions = (p: Pipeline, name: string, gap: number) => pairs(p, name).apply(`${name}Windows`, windowInto(sessions(gap)));
    const graph = graphOf((p) => void flatten([inSessions(p, "A", minutes(1)), inSessions(p, "B", minutes(2))]));
    expect(outputOf(graph, "Flatten").windowing.windowFn.name).toBe("sessions(60000)");
  });

  test("FLT-09 windows of two sizes cannot be put together", () => {
    const { code, parts } = errorOf(() => graphOf((p) => void flatten([inWindows(p, "A", minutes(1)), inWindows(p, "B", minutes(2))])));
    expect([code, parts.at]).toEqual(["INCOMPATIBLE_WINDOWS", "Flatten"]);
  });

  test("COG-05 collections in windows of two sizes cannot be grouped together", () => {
    const { code, parts } = errorOf(() =>
      graphOf((p) => void coGroupByKey("Both", { c1: inWindows(p, "A", minutes(1)), c2: inWindows(p, "B", minutes(2)) })),
    );
    expect([code, parts.at]).toEqual(["INCOMPATIBLE_WINDOWS", "Both/Flatten"]);
  });

  test.each([
    ["triggers", { trigger: afterFive }, { trigger: defaultTrigger() }, "INCOMPATIBLE_WINDOWS"],
    ["lateness and modes", { allowedLateness: 5, accumulation: "discarding" }, { allowedLateness: 50, accumulation: "accumulating" }, ""],
  ] as const)("FLT-12 inputs of other %s are refused, or give way to the first", (_, first, second, code) => {
    const build = (p: Pipeline) => {
      const [a, b] = [first, second].map((options, i) =>
        inWindows(p, `N${i}`, minutes(1)).apply(`W${i}`, withWindowing({ accumulation: "discarding", ...options })),
      );
      return flatten([a!, b!]);
    };
    expect(codeOf(() => graphOf(build))).toBe(code);
    expect(code === "" ? outputOf(graphOf(build), "Flatten").windowing : first).toMatchObject(first);
  });

  test("CMB-21 defaults need the global window, and the error says how to do without", () => {
    const { code, parts } = errorOf(() =>
      graphOf((p) => void numbers(p, "Numbers").pipe(windowInto(fixedWindows(minutes(1))), combineGlobally(mean()))),
    );
    expect(code).toBe("DEFAULTS_NEED_GLOBAL_WINDOW");
    expect(parts.fix).toMatch(/defaults: false/);
  });

  test("RSH-01 reshuffling keeps the windowing", () => {
    const graph = graphOf((p) => void inWindows(p, "A", minutes(1)).apply(reshuffle()));
    expect(outputOf(graph, "Reshuffle").windowing).toBe(outputOf(graph, "AWindows").windowing);
  });
});

describe("settings of windowing", () => {
  const settings = (apply: (input: PCollection<number>) => unknown) =>
    graphOf((p) => void apply(p.apply("Numbers", create([1])))).collections.at(-1)!.windowing;

  test("WIN-25 settings that are given one by one add up", () => {
    const windowing = settings((input) =>
      input.pipe(
        withWindowing({ accumulation: "accumulating" }),
        withWindowing({ allowedLateness: days(1) }),
        withWindowing({ trigger: afterFive }),
        windowInto(fixedWindows(minutes(10))),
      ),
    );
    const { windowFn, ...rest } = windowing;
    expect(windowFn.name).toBe("fixed(600000)");
    expect(rest).toEqual({ ...DEFAULT_SETTINGS, accumulation: "accumulating", allowedLateness: days(1), trigger: afterFive });
  });

  test("WIN-25 what is not named is inherited, and undefined names nothing", () => {
    const options = { timestampCombiner: "latest", closing: "always", onTime: "ifNonEmpty", allowUnsafeTriggers: true } as const;
    const windowing = settings((input) =>
      input.pipe(
        windowInto(slidingWindows(10, 5), { trigger: afterFive, accumulation: "discarding", ...options }),
        withWindowing({ trigger: undefined } as object),
        windowInto(globalWindows()),
      ),
    );
    expect(windowing).toMatchObject({ ...options, trigger: afterFive, accumulation: "discarding" });
  });

  test("the allowed lateness never shrinks", () => {
    const windowing = settings((input) =>
      input.pipe(withWindowing({ allowedLateness: 50, accumulation: "discarding" }), windowInto(fixedWindows(10), { allowedLateness: 5 })),
    );
    expect(windowing.allowedLateness).toBe(50);
  });

  test.each([
    ["a trigger", { trigger: afterFive }],
    ["an allowed lateness", { allowedLateness: 1 }],
  ])("WIN-27 %s needs an accumulation mode, and the error names it", (_, options) => {
    for (const step of [withWindowing(options), windowInto(fixedWindows(10), options as object)]) {
      const { code, parts } = errorOf(() => settings((input) => input.apply("Step", step as PTransform<PCollection<number>, unknown>)));
      expect([code, parts.at]).toEqual(["BAD_WINDOWING", "Step"]);
      expect(parts.what).toMatch(/accumulation/);
    }
  });

  test("WIN-27 a trigger needs no allowed lateness, and the default trigger no accumulation mode", () => {
    const windowing = settings((input) => input.apply(windowInto(fixedWindows(10), { trigger: afterFive, accumulation: "discarding" })));
    expect(windowing.allowedLateness).toBe(0);
    expect(settings((input) => input.apply(withWindowing({ trigger: defaultTrigger() }))).trigger).toEqual(defaultTrigger());
  });

  test.each([
    [{ allowedLateness: -1 }],
    [{ allowedLateness: NaN }],
    [{ allowedLateness: 0.5 }],
    [{ allowedLateness: Infinity }],
    [{ allowedLateness: "1" }],
    [{ timestampCombiner: "middle" }],
    [{ closing: true }],
    [{ onTime: "never" }],
    [{ accumulation: "retracting" }],
    [{ allowUnsafeTriggers: "yes" }],
    [{ trigger: defaultTrigger }],
    [{ trigger: null }],
    [{ lateness: 5 }],
  ])("WIN-27 the setting %o is refused", (options) => {
    const [name] = Object.keys(options);
    const { code, parts } = errorOf(() => settings((input) => input.apply("Step", withWindowing(options as object))));
    expect([code, parts.at]).toEqual(["BAD_WINDOWING", "Step"]);
    expect(parts.what).toContain(name);
  });

  test("WIN-32 windows need a coder that is deterministic", () => {
    const { name, ...coder } = intervalWindowCoder;
    const windowFn = { ...fixedWindows(10), windowCoder: { ...coder, name: "mine", deterministic: false } };
    const { code, parts } = errorOf(() => settings((input) => input.apply("Step", windowInto(windowFn))));
    expect(name).toBe("intervalWindow");
    expect([code, parts.at, parts.got]).toEqual(["BAD_WINDOW", "Step", "the coder mine"]);
  });

  test.each([[fixedWindows], [undefined], [{ assign: () => [] }]])("%o is no window function", (windowFn) => {
    expect(codeOf(() => settings((input) => input.apply(windowInto(windowFn as never))))).toBe("BAD_WINDOW");
  });
});

describe("what a grouping hands on", () => {
  const inSessions = (p: Pipeline) => pairs(p, "Pairs").apply(windowInto(sessions(10)));

  test("GBK-14 windows that merge have been merged, until they are to be merged again or are others", () => {
    const graph = graphOf((p) => {
      const grouped = inSessions(p)
        .apply(groupByKey())
        .apply("Total", withWindowing({ accumulation: "discarding" }));
      grouped.apply(remerge());
      grouped.apply("Anew", windowInto(sessions(10)));
      pairs(p, "Others").apply("OtherGroups", groupByKey());
    });
    const isMerged = (path: string) => outputOf(graph, path).windowing.isMerged;
    expect(["WindowInto", "GroupByKey", "Total", "Remerge", "Anew", "OtherGroups"].map(isMerged)).toEqual([
      undefined,
      true,
      true,
      undefined,
      undefined,
      undefined,
    ]);
  });

  test("GBK-09 an input without end needs windows or a trigger", () => {
    const endless = primitive<Pipeline, readonly [string, number]>("Endless", () => ({ kind: "impulse", output: { isBounded: false } }));
    const grouping = (...before: readonly PTransform<PCollection<readonly [string, number]>, PCollection<readonly [string, number]>>[]) =>
      graphOf((p) => void before.reduce((input, step) => input.apply(step), p.apply(endless)).apply(groupByKey()));
    const { code, parts } = errorOf(() => grouping());
    expect([code, parts.at]).toEqual(["UNBOUNDED_GROUP", "GroupByKey"]);
    expect(parts.fix).toMatch(/windowInto.*trigger/);
    expect(codeOf(() => grouping(windowInto(fixedWindows(10))))).toBe("");
    expect(codeOf(() => grouping(withWindowing({ trigger: afterFive, accumulation: "discarding" })))).toBe("");
  });

  const grouped = (options: InheritingOptions) =>
    graphOf(
      (p) =>
        void pairs(p, "Pairs").pipe(windowInto(fixedWindows(10)), withWindowing({ accumulation: "discarding", ...options }), groupByKey()),
    );

  const early = afterCount(1);
  test.each<[Trigger, number]>([
    [afterCount(1), 0],
    [afterWatermark(), 10],
    [afterWatermark({ early }), 10],
  ])("GBK-10 the trigger %o with a lateness of %i ms may lose data, and is refused", (trigger, allowedLateness) => {
    const { code, parts } = errorOf(() => grouped({ trigger, allowedLateness }));
    expect([code, parts.at]).toEqual(["UNSAFE_TRIGGER", "GroupByKey"]);
    expect(codeOf(() => grouped({ trigger, allowedLateness, allowUnsafeTriggers: true }))).toBe("");
  });

  test.each<[Trigger, number]>([
    [afterWatermark(), 0],
    [afterWatermark({ early }), 0],
    [afterWatermark({ early, late: early }), 10],
  ])("GBK-11 the trigger %o with a lateness of %i ms loses nothing", (trigger, allowedLateness) => {
    expect(codeOf(() => grouped({ trigger, allowedLateness }))).toBe("");
  });

  test.each<[Trigger, number, string]>([
    [orFinally(repeatedly(early), afterWatermark()), 0, "UNSAFE_TRIGGER"],
    [afterFirst(early, afterWatermark()), 0, "UNSAFE_TRIGGER"],
    [afterAll(early, afterWatermark()), 0, "UNSAFE_TRIGGER"],
    [afterFirst(early, repeatedly(early)), 0, "UNSAFE_TRIGGER"],
    [afterProcessingTime(5), 0, "UNSAFE_TRIGGER"],
    [never(), 10, ""],
    [afterEach(early, repeatedly(early)), 0, ""],
  ])("GBK-18 the trigger %o with a lateness of %i ms: %o", (trigger, allowedLateness, code) => {
    expect(codeOf(() => grouped({ trigger, allowedLateness }))).toBe(code);
  });

  test("GBK-10 a combine refuses them too", () => {
    const input = (p: Pipeline) => pairs(p, "Pairs").apply(windowInto(fixedWindows(10), { trigger: early, accumulation: "discarding" }));
    expect(codeOf(() => graphOf((p) => void input(p).apply(combinePerKey(sum()))))).toBe("UNSAFE_TRIGGER");
    expect(codeOf(() => graphOf((p) => void coGroupByKey({ a: input(p) })))).toBe("UNSAFE_TRIGGER");
  });

  test("a grouping goes on with the continuation of its trigger", () => {
    const graph = grouped({ trigger: repeatedly(afterCount(5)) });
    expect(outputOf(graph, "GroupByKey").windowing.trigger).toEqual(repeatedly(afterCount(1)));
  });

  test("GBK-14 a combine hands on the same, also where it has two steps", () => {
    const graph = graphOf((p) => {
      const input = pairs(p, "Pairs").apply(windowInto(slidingWindows(10, 5), { accumulation: "accumulating", allowedLateness: 5 }));
      input.apply("Once", combinePerKey(sum()));
      input.apply("Twice", combinePerKey(sum(), { fanout: 3 }));
    });
    const { windowing } = outputOf(graph, "WindowInto");
    expect(["Once", "Twice/Gather", "Twice"].map((path) => outputOf(graph, path).windowing)).toEqual([windowing, windowing, windowing]);
    expect(outputOf(graph, "Twice/CombineShards").windowing).toEqual({ ...windowing, accumulation: "discarding" });
  });

  // A shard would emit a session before it knew of what came in others.
  test("windows that merge are combined in one step, until they have been merged", () => {
    const graph = graphOf((p) => {
      inSessions(p)
        .apply("First", combinePerKey(sum(), { fanout: 3 }))
        .apply("Second", combinePerKey(sum(), { fanout: 3 }));
    });
    expect(graph.nodes.flatMap(({ path }) => (path.endsWith("/CombineShards") ? [path] : []))).toEqual(["Second/CombineShards"]);
    expect(["First", "Second"].map((path) => outputOf(graph, path).windowing.isMerged)).toEqual([true, true]);
  });
});

describe("late elements", () => {
  const inWindows = (p: Pipeline, windowFn: WindowFn = fixedWindows(10)) =>
    pairs(p, "Pairs").pipe(withCoder(kvCoder(stringCoder, numberCoder)), windowInto(windowFn, { closing: "always" }));

  test("a grouping gives them out as they came", () => {
    const graph = graphOf((p) => {
      const { main, tooLate } = inWindows(p, sessions(10)).apply("Group", groupByKey({ lateTo: "tooLate" }));
      expect([main.name, tooLate.name]).toEqual(["Group.main", "Group.tooLate"]);
    });
    const before = outputOf(graph, "WindowInto");
    expect(Object.keys(nodeAt(graph, "Group").outputs)).toEqual(["main", "tooLate"]);
    expect(outputOf(graph, "Group", "tooLate")).toMatchObject({ coder: before.coder, windowing: before.windowing });
    expect(outputOf(graph, "Group").windowing.isMerged).toBe(true);
  });

  test.each([
    ["in one step", "", sum() as AnyCombineFn, {}],
    ["in two steps", "/CombineShards", sum() as AnyCombineFn, { fanout: 3 }],
    ["with times", "/Combine", latest() as AnyCombineFn, {}],
    ["with times, in two steps", "/CombineShards", latest() as AnyCombineFn, { fanout: 3 }],
  ])("a combine %s gives them out as they came, and so does what it expands to", (_, first, fn, options) => {
    const graph = graphOf((p) => void inWindows(p).apply("Sum", combinePerKey(fn, { lateTo: "tooLate", ...options })));
    const before = outputOf(graph, "WindowInto");
    const { outputs } = nodeAt(graph, "Sum");
    expect(Object.keys(outputs)).toEqual(["main", "tooLate"]);
    expect(outputOf(graph, "Sum", "tooLate")).toMatchObject({ coder: before.coder, windowing: before.windowing });
    // The step that an engine knows has the output that its own grouping has.
    expect(nodeAt(graph, `Sum${first}`)).toMatchObject({ kind: "composite", spec: { kind: "combine" } });
    expect(nodeAt(graph, `Sum${first}`).outputs["tooLate"]).toBe(nodeAt(graph, `Sum${first}/GroupByKey`).outputs["tooLate"]);
    expect(Object.values(outputs)).toContain(outputOf(graph, "Sum").id);
  });

  test.each(["main", ""])("they cannot have the name %o", (lateTo) => {
    expect(codeOf(() => groupByKey({ lateTo: lateTo as "late" }))).toBe("BAD_NAME");
    expect(codeOf(() => combinePerKey(sum(), { lateTo: lateTo as "late" }))).toBe("BAD_NAME");
  });
});

describe("state and timers", () => {
  const withState = () =>
    parDo({ state: { seen: valueState<number>() }, process: (_: KV<unknown, unknown>, ctx) => ctx.state.seen.write(1) });
  const withTimer = () =>
    parDo({
      timers: { alarm: eventTimer() },
      process: (_: KV<unknown, unknown>, ctx) => ctx.timers.alarm.set(1),
      onTimer: { alarm() {} },
    });
  const nonDeterministic: Coder<number> = { ...numberCoder, name: "float", deterministic: false };

  test.each([
    ["ST-30 state", withState],
    ["TM-43 a timer", withTimer],
  ])("%s needs keys whose coder is deterministic", (_, make) => {
    const { code, parts } = errorOf(() =>
      graphOf((p) => void p.apply(create([kv(0.5, 1)], { coder: kvCoder(nonDeterministic, numberCoder) })).apply("Count", make())),
    );
    expect([code, parts.at, parts.got]).toEqual(["KEY_NOT_DETERMINISTIC", "Count", "the coder float"]);
    expect(parts.what).toMatch(/state or timers.*keyed input/);
  });

  test.each([
    ["ST-30 state", withState],
    ["TM-43 a timer", withTimer],
  ])("%s needs elements that are pairs: others do not compile, and fail the run at the first of them", async (_, make) => {
    const run = directRunner().run((p) => {
      const words = p.apply(create(["plain"], { coder: stringCoder }));
      // @ts-expect-error no pairs
      words.apply("Count", make());
    });
    await expect(run).rejects.toMatchObject({ code: "NOT_A_PAIR", parts: { at: "Count", got: '"plain"' } });
  });

  test.each([
    ["state", "", withState],
    ["a timer", "", withTimer],
    ["state", " behind a grouping", withState],
    ["a timer", " behind a grouping", withTimer],
  ])("ST-50 %s in windows that merge is refused%s, and the error names them", (_, where, make) => {
    const { code, parts } = errorOf(() =>
      graphOf((p) => {
        const inSessions = p.apply(create([kv("k", 1), kv("k", 2)])).apply(windowInto(sessions(3)));
        if (where === "") inSessions.apply("Count", make());
        else inSessions.apply(groupByKey()).apply("Count", make());
      }),
    );
    expect([code, parts.at, parts.got]).toEqual(["STATE_IN_MERGING_WINDOW", "Count", "the windows sessions(3)"]);
  });
});

describe("what a step asks for", () => {
  test("DAG-02 no window has more than its kind promises: the compiler refuses to ask a global one for its start", async () => {
    let starts!: Collected<unknown>;
    const result = await directRunner().run((p) => {
      starts = numbers(p, "Numbers")
        // @ts-expect-error only intervals have a start, and nothing says that this is one
        .apply(map((_, { window }): unknown => window.start))
        .apply(collect());
    });
    expect(result.collected(starts)).toEqual([undefined]);
  });

  test("DAG-04 a key of the wrong type in the callback of a timer is refused by the compiler, and there is one for pairs only", async () => {
    const timed = parDo({
      timers: { end: eventTimer() },
      process(_: readonly [string, number], ctx) {
        ctx.timers.end.set(0);
      },
      onTimer: {
        end(ctx) {
          // @ts-expect-error the key is a text
          const key: number = ctx.key;
          return void key;
        },
      },
    });
    graphOf((p) => void pairs(p, "Pairs").apply(timed));
    const unkeyed = directRunner().run((p) => {
      // @ts-expect-error timers need keys
      numbers(p, "Numbers").apply("Timed", timed);
    });
    await expect(unkeyed).rejects.toMatchObject({ code: "NOT_A_PAIR", parts: { at: "Timed" } });
  });

  test.each([
    ["value", { value: valueState<number>(refusingCoder()) }, (state: never) => (state as { value: ValueCell<number> }).value.write(1)],
    ["bag", { bag: bagState<number>(refusingCoder()) }, (state: never) => (state as { bag: BagCell<number> }).bag.add(1)],
    ["set", { set: setState<number>(refusingCoder()) }, (state: never) => (state as { set: SetCell<number> }).set.add(1)],
    [
      "map",
      { map: mapState<string, number>({ value: refusingCoder() }) },
      (state: never) => (state as { map: MapCell<string, number> }).map.set("a", 1),
    ],
  ] as const)(
    "DAG-06 a value that the coder of a %s state cannot keep is an error that names the kind of state",
    async (kind, state, write) => {
      const keep = parDo({
        state: state as { value: ReturnType<typeof valueState<number>> },
        process(_: readonly [string, number], ctx) {
          write(ctx.state as never);
        },
      });
      const run = directRunner().run((p) => void pairs(p, "Pairs").apply("Keep", keep));
      await expect(run).rejects.toMatchObject({
        code: "NOT_ENCODABLE",
        message: expect.stringMatching(new RegExp(`the ${kind} state "${kind}"[^]*Keep`)),
      });
    },
  );

  test("DAG-06 state of plain data needs no coder, and one that is given works", async () => {
    for (const total of [valueState<object>(), valueState<object>(structuralCoder as Coder<object>)]) {
      const keep = parDo({
        state: { total },
        process(_: readonly [string, number], ctx) {
          ctx.state.total.write({ plain: new Date(0) });
        },
      });
      expect((await directRunner().run((p) => void pairs(p, "Pairs").apply(keep))).state).toBe("DONE");
    }
  });

  test("SDF-08 work that need not end has an unbounded output, and the compiler lets no other go on later", () => {
    const restriction = (n: number): OffsetRange => ({ from: 0, to: n });
    const ends = splittable({ output: output<number>(), restriction, process() {} });
    const goesOn = splittable({ unbounded: true, output: output<number>(), restriction, process: () => resume({ after: 1 }) });
    const graph = graphOf((p) => {
      const input = numbers(p, "Numbers");
      input.apply("Ends", ends);
      input.apply("GoesOn", goesOn);
    });
    const isBounded = (path: string): boolean => graph.collections[nodeAt(graph, path).outputs["main"]!]!.isBounded;
    expect([isBounded("Ends"), isBounded("GoesOn")]).toEqual([true, false]);
    // @ts-expect-error only what is unbounded goes on later
    splittable({ output: output<number>(), restriction, process: () => resume({ after: 1 }) });
  });
});

describe("arguments", () => {
  test("LIB-02 there is no partition without parts", () => {
    const { code, parts } = errorOf(() => partition(0, () => 0));
    expect([code, parts.got]).toEqual(["BAD_ARGUMENT", "0"]);
  });

  test("TS-12 a skew longer than all of time is refused with a text that can be read", () => {
    const { code, message } = errorOf(() =>
      parDo({
        allowedSkew: 2_147_483_647 * 10_000_000,
        output: output<number>(),
        process: (n: number, ctx) => ctx.output(n, { timestamp: ctx.timestamp - 2_147_483_647 * 10_000_000 - 2 }),
      }),
    );
    expect(code).toBe("BAD_ARGUMENT");
    expect(message).toMatch(/allowed skew.*17280000000000000[^]*got: 21474836470000000\n/);
  });
});
