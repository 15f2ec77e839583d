import { expect } from "vitest";
import {
  collect,
  combinePerKey,
  count,
  flatten,
  groupByKey,
  keyBy,
  map,
  windowInto,
  type Collected,
  type KV,
  type PipelineResult,
  type RunningPipeline,
  type Window,
} from "millrace";
import { droppedIn } from "../../runners/conformance/cases/support.ts";
import { windowsOf, type KnownWindowing, type KnownWindows, type OraclePane } from "../support/grouping-oracle.ts";
import { anyWindowing, inAnyOrder, paneFacts, windowedAs, windowFnOf } from "../support/stream-scenarios.ts";
import { drawn } from "./drawn.ts";
import { anyScript, elementsOf, Outside, read, type Timed } from "./scripts.ts";
import type { Subject } from "./subject.ts";

/** Settings under which a window takes in all that comes before it expires. */
const takesAll = anyWindowing
  .filter(
    ({ windows, trigger }) =>
      windows.kind !== "global" && trigger.kind !== "afterCount" && (trigger.kind !== "afterWatermark" || trigger.late !== undefined),
  )
  .map((windowing) => ({ ...windowing, accumulation: "discarding" as const }));

type Panes = readonly Omit<OraclePane, "event">[];

/**
 * Elements come whenever, some of them behind a watermark. How late one is depends on the run; but none is lost that was in time,
 * none comes twice, and none is gone without being counted: nor where the run is drained, of what was read until then.
 */
export const lateArrivals: Subject = async ({ choices, trace, runner }) => {
  let number = 0;
  const scripts = Array.from({ length: choices.between(1, 2) }, () => anyScript(choices, { mayBeLate: true, numbers: () => number++ }));
  const readings = scripts.map(() => choices.pick(["source", "splittable"] as const));
  const windowing = drawn(takesAll, choices);
  const times = choices.between(1, 3);
  const outside = new Outside();
  let panes!: Collected<Omit<OraclePane, "event">>;
  let counts!: Collected<number>;
  let given!: Collected<KV<string, number>>;
  let running: RunningPipeline | undefined;
  const drained = choices.chance(0.3) ? { interrupt: { at: choices.between(1, 150), by: () => void running?.drain() } } : {};
  running = runner({ outside: () => outside.events, ...drained }).start((p) => {
    const all = flatten(scripts.map((script, i) => read(p, `Source${i}`, script, readings[i]!, outside)));
    given = all.apply("Given", collect());
    const groups = all.pipe(windowedAs(windowing), groupByKey());
    panes = groups.apply("Facts", map(paneFacts)).apply("Panes", collect());
    counts = groups
      .apply("Larger", windowInto(largerThan(windowing.windows, times)))
      .apply(
        "Elements",
        map(([, values]: KV<string, Iterable<number>>) => [...values].length),
      )
      .apply(
        "All",
        keyBy(() => "all"),
      )
      .apply("Second", combinePerKey(count()))
      .apply(
        "Counts",
        map(([, n]) => n),
      )
      .apply("Counted", collect());
  });
  const result = await running.done;
  const found = result.collected(panes);
  trace.note(inAnyOrder(found).join("\n"));
  const numbers = new Set(result.collected(given).map(([, value]) => value));
  const elements = scripts.flatMap(elementsOf).filter(({ pair: [, value] }) => numbers.has(value));
  trace.note(`${result.state} ${elements.length}`);
  if (result.state === "DONE") expect(elements).toHaveLength(number);
  nothingIsLost(windowing, elements, found, result);
  if (windowing.windows.kind !== "sessions") panesAreInOrder(found);
  if (hasLarger(windowing)) {
    expect(droppedAt(result, "Second")).toBe(0);
    expect(result.collected(counts).reduce((all, n) => all + n, 0)).toBe(found.length);
  }
};

/** Windows of which each is some of the others; only of fixed ones. */
const largerThan = (windows: KnownWindows, times: number) =>
  windowFnOf(windows.kind === "fixed" ? { ...windows, size: windows.size * times } : { kind: "fixed", size: 1_000, offset: 0 });

/** Whether the last instant of a window lies in the larger one that is made of it, so that nothing it emits is late there. */
const hasLarger = ({ windows, timestampCombiner }: KnownWindowing): boolean =>
  windows.kind === "fixed" && timestampCombiner === "endOfWindow";

function nothingIsLost(windowing: KnownWindowing, elements: readonly Timed[], panes: Panes, result: PipelineResult): void {
  const placeOf = (key: string, value: number, { maxTimestamp }: Window): string =>
    windowing.windows.kind === "sessions" ? `${key} ${value}` : `${key} ${value} ${maxTimestamp}`;
  const found = panes.flatMap(({ key, window, values }) => values.map((value) => placeOf(key, value, window)));
  const places = elements.flatMap(({ pair: [key, value], at, isLate }) =>
    windowsOf(windowing.windows, at).map((window) => ({ place: placeOf(key, value, window), isLate })),
  );
  const once = new Set(found);
  expect(found.length).toBe(once.size);
  expect(places.filter(({ place, isLate }) => !isLate && !once.has(place))).toEqual([]);
  expect([...once].filter((place) => !places.some((each) => each.place === place))).toEqual([]);
  const { late, closed } = droppedIn(result);
  const second = droppedAt(result, "Second");
  expect([found.length + late - second, closed]).toEqual([places.length, 0]);
}

/** The panes of a key and window: numbered as they came, the early ones first, one on time at most, and nothing after the last. */
function panesAreInOrder(panes: Panes): void {
  const byPlace = new Map<string, Panes>();
  for (const pane of panes) {
    const place = `${pane.key} ${pane.window.maxTimestamp}`;
    byPlace.set(place, [...(byPlace.get(place) ?? []), pane]);
  }
  for (const own of byPlace.values()) {
    expect(own.map(({ index }) => index)).toEqual(own.map((_, i) => i));
    expect(own.map(({ isFirst }) => isFirst)).toEqual(own.map((_, i) => i === 0));
    expect(own.slice(0, -1).filter(({ isLast }) => isLast)).toEqual([]);
    const timings = own.map(({ timing }) => timing).join(" ");
    expect(timings).toMatch(/^(EARLY ?)*(ON_TIME ?)?(LATE ?)*$/);
  }
}

const droppedAt = (result: PipelineResult, step: string): number =>
  ["dropped_late", "dropped_closed"]
    .flatMap((name) => result.metrics({ name, kind: "counter" }))
    .filter((metric) => metric.step.split("/")[0] === step)
    .reduce((all, { committed }) => all + committed, 0);
