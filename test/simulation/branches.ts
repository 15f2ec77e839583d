import fc from "fast-check";
import {
  asList,
  bagState,
  collect,
  eventTimer,
  fixedWindows,
  flatten,
  groupByKey,
  map,
  numberCoder,
  output,
  parDo,
  reshuffle,
  splittable,
  windowInto,
  withExceptionHandling,
  writeTo,
  type Collected,
  type IntervalWindow,
  type KV,
  type PCollection,
  type PipelineResult,
} from "millrace";
import { groupedFromScratch, windowsOf, type Arriving, type KnownWindowing, type OraclePane } from "../support/grouping-oracle.ts";
import { anyWindowing, paneFacts, windowedAs } from "../support/stream-scenarios.ts";
import { differenceOf } from "../support/multisets.ts";
import type { Seeded } from "./seeded.ts";

/** What a branch is made of. */
export interface Given {
  readonly pairs: PCollection<KV<string, number>>;
  readonly elements: readonly Arriving[];
  readonly seeded: Seeded;
  /** Whether no element is late. */
  readonly isHonest: boolean;
}

/** What has to be true of a run that is done, or has died; what is not is said in words. */
export interface Check {
  (result: PipelineResult): string | undefined;
  readonly whenDead?: () => string | undefined;
}

/** Some steps on the pairs of a source, and what has to come of them in whatever order things happen. */
export type Branch = (given: Given) => Check;

/** By name: each is a path of its own below the source. */
export const branches: Readonly<Record<string, Branch>> = {
  grouping: ({ pairs, elements, seeded, isHonest }) => {
    // A pane that closes an empty window is behind the watermark by what is allowed (rule S39): the model has it so.
    const fitting = anyWindowing.filter(({ closing }) => !isHonest || closing === "ifNonEmpty");
    const windowing = fc.sample(fitting, { seed: seeded.between(0, 1e9), numRuns: 1 })[0]!;
    const grouped = pairs.apply("Windows", windowedAs(windowing)).apply("Group", groupByKey());
    const { collected } = collecting(grouped.apply("Facts", map(paneFacts)));
    return (result) => groupingFault(windowing, elements, result.collected(collected), dropsOf(result, "grouping"), isHonest);
  },

  timers: ({ pairs, elements, seeded, isHonest }) => {
    const size = seeded.between(2, 15);
    const { collected } = collecting(
      pairs.apply("Windows", windowInto(fixedWindows(size))).apply(
        "AtEnd",
        parDo({
          state: { values: bagState(numberCoder) },
          timers: { end: eventTimer() },
          output: output<string>(),
          process([, value]: KV<string, number>, { state, timers, window }) {
            state.values.add(value);
            timers.end.set(window.maxTimestamp);
          },
          onTimer: {
            end({ key, state, window, output: emit }) {
              emit(`${key} ${(window as IntervalWindow).start}: ${ordered([...state.values.read()])}`);
              state.values.clear();
            },
          },
        }),
      ),
    );
    return (result) => {
      const lines = result.collected(collected);
      if (!isHonest)
        return differenceOf(
          [lines.flatMap(valuesIn).length + dropsOf(result, "timers")],
          [elements.length],
          "numbers of values, with those that were dropped,",
        );
      const groups = groupedBy(elements, ({ key, at }) => `${key} ${Math.floor(at / size) * size}`);
      return differenceOf(
        lines,
        Array.from(groups, ([group, all]) => `${group}: ${ordered(all.map(({ value }) => value))}`),
        "lines",
      );
    };
  },

  sideInput: ({ pairs, elements, seeded, isHonest }) => {
    const size = seeded.between(2, 15);
    const windowed = pairs.apply("Windows", windowInto(fixedWindows(size)));
    const side = asList(
      windowed.apply(
        "Values",
        map(([, value]) => value),
      ),
    );
    const { collected } = collecting(
      windowed.apply(
        "Beside",
        map(([, value], { sideInputs: { all } }) => `${value}: ${ordered(all)}`, { sideInputs: { all: side } }),
      ),
    );
    return (result) => {
      if (!isHonest) return undefined;
      const windowOf = ({ at }: Arriving): number => Math.floor(at / size);
      const groups = groupedBy(elements, windowOf);
      const expected = elements.map((each) => `${each.value}: ${ordered(groups.get(windowOf(each))!.map(({ value }) => value))}`);
      return differenceOf(result.collected(collected), expected, "lines");
    };
  },

  splittable: ({ pairs, elements }) => {
    const { collected } = collecting(
      pairs.apply(
        "Parts",
        splittable({
          output: output<string>(),
          restriction: ([, value]: KV<string, number>) => ({ from: 0, to: value % 7 }),
          split: ({ from, to }) =>
            [
              { from, to: Math.min(to, from + 3) },
              { from: Math.min(to, from + 3), to },
            ].filter((each) => each.from < each.to),
          process([, value], { restriction, tracker, output: emit }) {
            for (let i = restriction.from; tracker.tryClaim(i); i++) emit(`${value} ${i}`);
          },
        }),
      ),
    );
    const expected = elements.flatMap(({ value }) => Array.from({ length: value % 7 }, (_, i) => `${value} ${i}`));
    return (result) => differenceOf(result.collected(collected), expected, "claims");
  },

  retries: ({ pairs, elements, seeded }) => {
    const rest = seeded.between(0, 3);
    const tried = new Set<number>();
    const guarded = pairs.apply(
      "Guarded",
      withExceptionHandling(
        map(([, value]: KV<string, number>) => {
          const isSecond = tried.has(value);
          tried.add(value);
          if (value % 4 === rest && (!isSecond || value % 8 === rest)) throw new RangeError(`not ${value}`);
          return value;
        }),
        { attempts: 2, then: "deadLetter" },
      ),
    );
    const { collected } = collecting(guarded.main);
    const failed = guarded.failed
      .apply(
        "Failed",
        map(({ element: [, value] }) => value),
      )
      .apply("CollectFailed", collect());
    return (result) => {
      const values = elements.map(({ value }) => value);
      return (
        differenceOf(
          result.collected(collected),
          values.filter((value) => value % 8 !== rest),
          "values",
        ) ??
        differenceOf(
          result.collected(failed),
          values.filter((value) => value % 8 === rest),
          "dead letters",
        )
      );
    };
  },

  sink: ({ pairs, elements, seeded }) => {
    const published: number[][] = [];
    pairs.apply(
      "Write",
      writeTo<KV<string, number>, number[]>({
        name: "Memory",
        shards: seeded.between(1, 3),
        open: () => {
          const written: number[] = [];
          return { write: (all) => void written.push(...all.map(([, value]) => value)), finish: async () => written };
        },
        commit: async (committables) => void published.push(...committables),
      }),
    );
    const faultOf = (): string | undefined =>
      differenceOf(
        published.flat(),
        elements.map(({ value }) => value),
        "published values",
      );
    // All of it is published, or nothing.
    return Object.assign(faultOf, { whenDead: () => (published.length === 0 ? undefined : faultOf()) });
  },

  twice: ({ pairs, elements }) => {
    const spread = pairs.apply("Spread", reshuffle());
    const { collected } = collecting(
      flatten("Both", [spread, pairs]).apply(
        "Values",
        map(([, value]) => value),
      ),
    );
    return (result) =>
      differenceOf(
        result.collected(collected),
        elements.flatMap(({ value }) => [value, value]),
        "values",
      );
  },
};

const collecting = <T>(elements: PCollection<T>): { readonly collected: Collected<T> } => ({
  collected: elements.apply("Collect", collect()),
});

function groupedBy<T, K>(all: readonly T[], keyOf: (each: T) => K): ReadonlyMap<K, readonly T[]> {
  const groups = new Map<K, T[]>();
  for (const each of all) groups.set(keyOf(each), [...(groups.get(keyOf(each)) ?? []), each]);
  return groups;
}

const ordered = (values: readonly number[]): string => values.toSorted((a, b) => a - b).join(",");

const valuesIn = (line: string): readonly string[] => line.split(": ")[1]!.split(",");

/** How many elements the steps of a branch have dropped, one for each of their windows. */
const dropsOf = (result: PipelineResult, branch: string): number =>
  ["dropped_late", "dropped_closed"]
    .flatMap((name) => result.metrics({ name, kind: "counter" }))
    .filter(({ step }) => step.startsWith(`${branch}/`))
    .reduce((sum, { committed }) => sum + committed, 0);

/** What is wrong with the panes of a grouping. */
function groupingFault(
  windowing: KnownWindowing,
  elements: readonly Arriving[],
  panes: readonly Omit<OraclePane, "event">[],
  drops: number,
  isHonest: boolean,
): string | undefined {
  const merges = windowing.windows.kind === "sessions";
  const isAccumulating = windowing.accumulation === "accumulating";
  const byWindow = groupedBy(panes, ({ key, window }) => JSON.stringify([key, window]));
  for (const [name, all] of byWindow) {
    const ofWindow = all.toSorted((a, b) => a.index - b.index);
    const fault = sequenceFault(ofWindow);
    if (fault !== undefined && !merges) return `${name}: ${fault}: ${JSON.stringify(ofWindow)}`;
  }
  if (isHonest && windowing.trigger.kind === "default") {
    const all = groupedFromScratch(windowing, [{ kind: "elements", elements }]).panes.filter(({ values }) => values.length > 0);
    const facts = ({ key, window, values, timing }: Omit<OraclePane, "event">): unknown => [key, window, values, timing];
    return differenceOf(panes.filter(({ values }) => values.length > 0).map(facts), all.map(facts), "panes");
  }
  // Each value is in the panes of each of its windows once, or it was dropped.
  const isNever = windowing.trigger.kind === "never";
  const wanted = elements.reduce((sum, { at }) => sum + windowsOf(windowing.windows, at).length, 0);
  const had =
    isAccumulating || merges
      ? Array.from(merges ? groupedBy(panes, ({ key }) => key) : byWindow, ([, all]) => new Set(all.flatMap(({ values }) => values)).size)
      : panes.map(({ values }) => values.length);
  const got = had.reduce((a, b) => a + b, 0);
  if (!isNever && got + drops !== wanted) return `${got} values in panes, and ${drops} dropped, of ${wanted}`;
  return undefined;
}

/** What is wrong with the panes of a window, in the order of their numbers. */
function sequenceFault(panes: readonly Omit<OraclePane, "event">[]): string | undefined {
  const order = ["EARLY", "ON_TIME", "LATE"];
  if (panes.some(({ index }, i) => index !== i)) return "the numbers of panes have gaps, or come twice";
  if (panes.some(({ isFirst }, i) => isFirst !== (i === 0))) return "another pane than the first is first";
  if (panes.slice(0, -1).some(({ isLast }) => isLast)) return "a pane comes after the last one";
  if (panes.some(({ timing }, i) => i > 0 && order.indexOf(timing) < order.indexOf(panes[i - 1]!.timing)))
    return "a pane comes back in time";
  if (panes.filter(({ timing }) => timing === "ON_TIME").length > 1) return "a window is on time twice";
  return undefined;
}
