import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  afterCount,
  collect,
  combinePerKey,
  count,
  fixedWindows,
  fullJoin,
  map,
  NEVER,
  output,
  repeatedly,
  tableJoin,
  windowInto,
  withWindowing,
  type Collected,
  type Instant,
  type JoinOptions,
  type KV,
  type PCollection,
  type Pipeline,
  type PipelineResult,
  type Runner,
  type Window,
} from "millrace";
import { directRunner } from "millrace/runners/direct";
import { at, testStreams } from "millrace/testing";
import { droppedIn } from "../../runners/conformance/cases/support.ts";
import { campaign } from "../io/support/campaign.ts";
import { groupedFromScratch, windowsOf, type Arriving, type KnownWindowing } from "../support/grouping-oracle.ts";
import { collectedBy, inOrder, localRunners } from "../support/runs.ts";
import { anyCut, anyWindowing, windowedAs } from "../support/stream-scenarios.ts";
import { asOneStream, streamsOf as played, twoStreams, type Happening } from "../support/two-streams.ts";

/** Something that comes on one side of a join. The value says which one it is. */
interface Arrival {
  readonly side: "left" | "right";
  readonly key: string;
  readonly time: number;
}

const anyArrivals = fc.array(
  fc.record<Arrival>({ side: fc.constantFrom("left", "right"), key: fc.constantFrom("a", "b"), time: fc.nat(25) }),
  { maxLength: 20 },
);

/** How far the watermarks go before each arrival: never so far that one is late. */
const anyHaste = fc.boolean();

/** Both sides as streams, in the order of the arrivals; with haste the watermarks follow as closely as they may. */
function streamsOf(p: Pipeline, arrivals: readonly Arrival[], hasHaste: boolean) {
  const streams = testStreams({ left: output<KV<string, string>>(), right: output<KV<string, string>>() });
  const script = arrivals.reduce((so, { side, key, time }, i) => {
    const safe = Math.min(...arrivals.slice(i).map((later) => later.time));
    const moved = hasHaste && i > 0 ? so.advanceWatermarkTo("left", safe).advanceWatermarkTo("right", safe) : so;
    return moved.addElements(side, at(time, [key, `${side} ${i}`]));
  }, streams);
  return p.apply(script.advanceWatermarkToInfinity("left").advanceWatermarkToInfinity("right"));
}

const SIZE = 10;
const windowOf = ({ time }: Arrival): number => Math.floor(time / SIZE);
const named = (arrivals: readonly Arrival[]) => arrivals.map((arrival, i) => ({ ...arrival, value: `${arrival.side} ${i}` }));

/** The pairs of a full join, by going through all that could be pairs. */
function fullJoined(arrivals: readonly Arrival[]): readonly unknown[] {
  const all = named(arrivals);
  const meets = (a: Arrival, b: Arrival): boolean => a.side !== b.side && a.key === b.key && windowOf(a) === windowOf(b);
  return all.flatMap((own) => {
    const partners = all.filter((other) => meets(own, other));
    if (own.side === "left")
      return (partners.length === 0 ? [{ value: null }] : partners).map(({ value }) => [own.key, [own.value, value]]);
    return partners.length === 0 ? [[own.key, [null, own.value]]] : [];
  });
}

/** Each left value with the row of its key that is the last one not after it. */
function looked(arrivals: readonly Arrival[], isBetter: (row: Arrival, than: Arrival) => boolean): readonly unknown[] {
  const all = named(arrivals);
  return all
    .filter(({ side }) => side === "left")
    .map(({ key, time, value }) => {
      const rows = all.filter((row) => row.side === "right" && row.key === key && row.time <= time);
      const best = rows.reduce<(typeof rows)[number] | undefined>(
        (so, row) => (so === undefined || isBetter(row, so) ? row : so),
        undefined,
      );
      return [[key, [value, best?.value ?? null]], time];
    });
}

test.each(["atWindowClose", "asTheyCome"] as const)("a full join has every pair once, and who is alone: %s", async (emit) => {
  await fc.assert(
    fc.asyncProperty(anyArrivals, anyHaste, anyCut, async (arrivals, hasHaste, cut) => {
      const joined = await collectedBy(directRunner(cut), (p) => {
        const { left, right } = streamsOf(p, arrivals, hasHaste);
        const windowed = right.apply("R", windowInto(fixedWindows(SIZE)));
        return left.apply("L", windowInto(fixedWindows(SIZE))).apply(fullJoin(windowed, { emit }));
      });
      expect(inOrder(joined)).toEqual(inOrder(fullJoined(arrivals)));
    }),
  );
});

test("a join has every pair once however often windows fire", async () => {
  const settings = { trigger: repeatedly(afterCount(2)), allowedLateness: 5 };
  const accumulation = fc.constantFrom("discarding" as const, "accumulating" as const);
  await fc.assert(
    fc.asyncProperty(anyArrivals, anyHaste, anyCut, accumulation, async (arrivals, hasHaste, cut, mode) => {
      const joined = await collectedBy(directRunner(cut), (p) => {
        const { left, right } = streamsOf(p, arrivals, hasHaste);
        const windows = (name: string, side: PCollection<KV<string, string>>) =>
          side.apply(name, windowInto(fixedWindows(SIZE), { ...settings, accumulation: mode }));
        const windowed = windows("R", right);
        return windows("L", left).apply(fullJoin(windowed));
      });
      expect(inOrder(joined)).toEqual(inOrder(fullJoined(arrivals)));
    }),
  );
});

test("a value meets the row that was valid at its time, in whatever order they come", async () => {
  const lateness = fc.constantFrom(0, 4);
  await fc.assert(
    fc.asyncProperty(anyArrivals, anyHaste, anyCut, lateness, async (given, hasHaste, cut, allowedLateness) => {
      // Of two rows of one time it is open which one counts.
      const arrivals = given.filter(
        (row, i) =>
          row.side === "left" ||
          given.findIndex((other) => other.side === "right" && other.key === row.key && other.time === row.time) === i,
      );
      const joined = await collectedBy(directRunner(cut), (p) => {
        const { left, right } = streamsOf(p, arrivals, hasHaste);
        const windows = (name: string, side: PCollection<KV<string, string>>) =>
          side.apply(name, withWindowing({ allowedLateness, accumulation: "discarding" }));
        return windows("L", left)
          .apply(tableJoin(windows("R", right), { timeToLive: NEVER }))
          .apply(
            "Times",
            map((pair, { timestamp }) => [pair, timestamp] as const),
          );
      });
      expect(inOrder(joined)).toEqual(inOrder(looked(arrivals, (row, than) => row.time > than.time)));
    }),
  );
});

test("values that wait for their rows hold the watermark, also where more is due than one bundle does", async () => {
  // As many calls as a bundle has for what is due: the timer that gives them out is in the next one.
  const values = Array.from({ length: 16 * 1_024 }, () => at(5, ["a", 1] as const));
  const lateByTen = { allowedLateness: 10, accumulation: "discarding" } as const;
  const panes = await collectedBy(directRunner(), (p) => {
    const script = testStreams({ left: output<KV<string, number>>(), right: output<KV<string, number>>() })
      .addElements("left", ...values)
      .advanceWatermarkTo("right", 100)
      .advanceWatermarkTo("left", 100);
    const { left, right } = p.apply(script);
    const table = right.apply("R", withWindowing(lateByTen));
    return left
      .apply("L", withWindowing(lateByTen))
      .apply(tableJoin(table, { timeToLive: NEVER }))
      .pipe(
        windowInto(fixedWindows(10)),
        combinePerKey(count()),
        map(([, counted], { pane }) => [counted, pane.timing]),
      );
  });
  expect(panes).toEqual([[values.length, "ON_TIME"]]);
});

// ---- whatever is late, in windows of all kinds

/** Something that a join gave, with its window and its time. */
interface Joined {
  readonly window: Window;
  readonly at: Instant;
  readonly key: string;
  readonly left: number | null;
  readonly right: number | null;
}

const facts = <L, R>(
  [key, [left, right]]: KV<string, readonly [L, R]>,
  { window, timestamp }: { readonly window: Window; readonly timestamp: Instant },
) => ({
  window,
  at: timestamp,
  key,
  left: left ?? null,
  right: right ?? null,
});

type Sides = Readonly<Record<"left" | "right", PCollection<KV<string, number>>>>;

/** The global window of a stream keeps all that comes, which is warned of. */
const silent = { debug() {}, info() {}, warn() {}, error() {} };

/** What a join gives of two streams in windows, and how much it has dropped. */
async function joinedBy(
  runner: Runner,
  happenings: readonly Happening[],
  windowing: KnownWindowing,
  join: (sides: Sides) => PCollection<KV<string, readonly [number | undefined, number | undefined]>>,
): Promise<{ readonly joined: readonly unknown[] } & ReturnType<typeof droppedIn>> {
  let handle!: Collected<unknown>;
  const result: PipelineResult = await runner.run(
    (p) => {
      const streams = p.apply(played(happenings));
      const [left, right] = [streams.left.apply("L", windowedAs(windowing)), streams.right.apply("R", windowedAs(windowing))];
      handle = join({ left, right }).pipe(map(facts), collect());
    },
    {},
    { logger: silent },
  );
  return { joined: result.collected(handle), ...droppedIn(result) };
}

const elementsOf = (happenings: readonly Happening[], side: "left" | "right"): readonly Arriving[] =>
  happenings.flatMap((each) => ("elements" in each && each.tag === side ? each.elements : []));

/** What a window of a key has in the end is joined, by lists that are gone through. */
function fullJoinOf(windowing: KnownWindowing, happenings: readonly Happening[]) {
  const whole = { ...windowing, trigger: { kind: "never" }, closing: "ifNonEmpty", onTime: "ifNonEmpty" } as const;
  const { panes, late } = groupedFromScratch(whole, asOneStream(happenings));
  const sides = { left: elementsOf(happenings, "left"), right: elementsOf(happenings, "right") };
  const joined = panes.flatMap(({ key, window, values }): readonly Joined[] => {
    const [lefts, rights] = [sides.left, sides.right].map((side) => side.filter(({ value }) => values.includes(value)));
    const pairs = lefts!.flatMap((left) =>
      rights!.map((right) => ({ window, at: Math.max(left.at, right.at), key, left: left.value, right: right.value })),
    );
    if (pairs.length > 0) return pairs;
    const alone = { window, at: window.maxTimestamp, key, left: null, right: null };
    return [...lefts!.map(({ value }) => ({ ...alone, left: value })), ...rights!.map(({ value }) => ({ ...alone, right: value }))];
  });
  return { joined, late, closed: 0 };
}

const anyJoined = anyWindowing.chain((windowing) =>
  fc.record({
    windowing: fc.constant(windowing),
    options: fc.constantFrom<JoinOptions[]>(
      {},
      { emit: "atWindowClose" },
      ...(windowing.windows.kind === "sessions" ? [] : ([{ emit: "asTheyCome" }] as const)),
    ),
  }),
);

const anyTableWindowing = anyWindowing.filter(({ windows }) => windows.kind !== "sessions");

/** Each value with the last row of its key and window that is not after it; both come before the watermark has passed them by the lateness. */
function tableJoinOf({ windows, allowedLateness }: KnownWindowing, happenings: readonly Happening[]) {
  let [watermark, late] = [-Infinity, 0];
  const kept = asOneStream(happenings).flatMap((event) => {
    if (event.kind === "watermark") watermark = event.to;
    if (event.kind !== "elements") return [];
    const places = event.elements.flatMap((element) => windowsOf(windows, element.at).map((window) => ({ ...element, window })));
    const inTime = places.filter(({ at: time }) => watermark <= time + allowedLateness);
    late += places.length - inTime.length;
    return inTime;
  });
  const of = (side: "left" | "right") => kept.filter(({ value }) => elementsOf(happenings, side).some((each) => each.value === value));
  const rows = of("right").toSorted((a, b) => a.at - b.at);
  const joined = of("left").map(({ key, window, at: time, value }): Joined => {
    const row = rows.findLast((each) => each.key === key && each.window.maxTimestamp === window.maxTimestamp && each.at <= time);
    return { window, at: time, key, left: value, right: row?.value ?? null };
  });
  return { joined, late, closed: 0 };
}

describe.each(localRunners)("joins of streams under random cuts on %s", (_, runner) => {
  test("a full join gives each pair of a window once, and who is alone when it has expired, and drops what is late", async () => {
    await fc.assert(
      fc.asyncProperty(anyJoined, twoStreams, anyCut, async ({ windowing, options }, happenings, cut) => {
        const { joined, ...dropped } = await joinedBy(runner(cut), happenings, windowing, ({ left, right }) =>
          left.apply(fullJoin(right, options)),
        );
        const { joined: expected, ...expectedDrops } = fullJoinOf(windowing, happenings);
        // All that leaves at the end of a window has the time of its pane.
        const timed = options.emit === "asTheyCome" ? (each: unknown) => each : (each: unknown) => ({ ...(each as Joined), at: 0 });
        expect(inOrder(joined.map(timed))).toEqual(inOrder(expected.map(timed)));
        expect(dropped).toEqual(expectedDrops);
      }),
      campaign(250),
    );
  });

  test("a table join gives each value the last row before it, and drops what is late", async () => {
    await fc.assert(
      fc.asyncProperty(anyTableWindowing, twoStreams, anyCut, async (windowing, happenings, cut) => {
        const { joined, ...dropped } = await joinedBy(runner(cut), happenings, windowing, ({ left, right }) =>
          left.apply(tableJoin(right, { timeToLive: NEVER })),
        );
        const { joined: expected, ...expectedDrops } = tableJoinOf(windowing, happenings);
        // Of two rows of one time it is open which one counts.
        const rows = new Map(elementsOf(happenings, "right").map((row) => [row.value, row.at]));
        const byTime = (each: unknown) => ({ ...(each as Joined), right: rows.get((each as Joined).right!) });
        expect(inOrder(joined.map(byTime))).toEqual(inOrder(expected.map(byTime)));
        expect(dropped).toEqual(expectedDrops);
      }),
      campaign(250),
    );
  });
});
