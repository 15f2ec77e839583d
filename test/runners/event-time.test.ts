import { describe, expect, test } from "vitest";
import {
  collect,
  combinePerKey,
  count,
  create,
  fixedWindows,
  flatten,
  groupByKey,
  hours,
  intervalWindowCoder,
  map,
  remerge,
  repeatedly,
  afterCount,
  afterProcessingTime,
  sessions,
  slidingWindows,
  sum,
  windowInto,
  withKeys,
  type Collected,
  type IntervalWindow,
  type KV,
  type WindowFn,
} from "millrace";
import { at, testStream } from "millrace/testing";
import { collectedBy, localRunners } from "../support/runs.ts";

const span = ({ start, end }: IntervalWindow): string => `[${start}, ${end})`;

/** Three elements in time, then one that is in two windows, both expired. */
const latecomer = testStream<number>().addElements(at(1, 1), at(6, 6), at(11, 11)).advanceWatermarkTo(40).addElements(at(7, 7));

/** A window function of a user's own, that puts elements where a test says. */
const windowsOf = (fn: Pick<WindowFn, "assign" | "merge">): WindowFn => ({
  name: "mine",
  windowCoder: intervalWindowCoder,
  isCompatible: ({ name }) => name === "mine",
  ...fn,
});
const from = (start: number, end: number): IntervalWindow => ({ start, end, maxTimestamp: end - 1 });

describe.each(localRunners)("on %s", (_, make) => {
  const runner = make();

  test.each([
    ["groupByKey", () => groupByKey<string, number, "late">({ lateTo: "late" })],
    ["combinePerKey", () => combinePerKey<string, number, number, number, never, {}, "late">(sum(), { lateTo: "late" })],
  ])("elements whose window has expired are an output of %s, one for each window, and are counted", async (_, transform) => {
    let late!: Collected<readonly [KV<string, number>, string]>;
    const result = await runner.run((p) => {
      const grouped = p
        .apply(latecomer)
        .pipe(windowInto(slidingWindows(10, 5)), withKeys("k"), transform() as ReturnType<typeof groupByKey<string, number, "late">>);
      late = grouped.late.apply(map((pair, { window }) => [pair, span(window as IntervalWindow)] as const)).apply(collect());
    });
    expect(result.collected(late)).toEqual(
      expect.arrayContaining([
        [["k", 7], "[0, 10)"],
        [["k", 7], "[5, 15)"],
      ]),
    );
    expect(result.collected(late)).toHaveLength(2);
    expect(result.metrics({ name: "dropped_late", kind: "counter" })).toMatchObject([{ committed: 2 }]);
  });

  test("the last ten elements that came too late are described, with how late they were", async () => {
    const late = Array.from({ length: 12 }, (_, i) => i);
    const stream = late.reduce((all, i) => all.addElements(at(i % 10, i)), testStream<number>().advanceWatermarkTo(25));
    const result = await runner.run((p) => {
      p.apply(stream).pipe(
        windowInto(fixedWindows(10)),
        map((n): KV<string, number> => [`key${n}`, n]),
        groupByKey(),
      );
    });
    const [sample] = result.metrics({ name: "late_sample", kind: "stringSet" });
    expect([...sample!.committed]).toEqual(late.slice(2).map((i, n) => `${n + 3}. key "key${i}" in [0, 10), 16 ms late`));
    expect(result.metrics({ name: "dropped_late", kind: "counter" })).toMatchObject([{ committed: 12 }]);
  });

  test("sessions of one key do not touch those of another", async () => {
    const sums = await collectedBy(runner, (p) =>
      p
        .apply(
          create<KV<string, number>>(
            [
              ["foo", 1],
              ["foo", 4],
              ["bar", 3],
              ["foo", 9],
            ],
            { timestampOf: ([, n]) => n },
          ),
        )
        .pipe(
          windowInto(sessions(4)),
          combinePerKey(count()),
          map(([key, n], { window }) => `${key} ${n} in ${span(window as IntervalWindow)}`),
        ),
    );
    expect(sums.toSorted()).toEqual(["bar 1 in [3, 7)", "foo 1 in [9, 13)", "foo 2 in [1, 8)"]);
  });

  test.each([
    ["as they are", false, ["10 in [10, 20)", "6 in [1, 15)"]],
    ["merged once more", true, ["16 in [1, 20)"]],
  ])("behind a grouping sessions are taken %s", async (_, again, expected) => {
    const sums = await collectedBy(runner, (p) => {
      const users = p
        .apply(
          create<KV<string, number>>(
            [
              ["a", 1],
              ["a", 5],
              ["b", 10],
            ],
            { timestampOf: ([, n]) => n },
          ),
        )
        .pipe(
          windowInto(sessions(10)),
          combinePerKey(sum()),
          map(([, n]): KV<string, number> => ["all", n]),
        );
      return (again ? users.apply(remerge()) : users).pipe(
        combinePerKey(sum()),
        map(([, n], { window }) => `${n} in ${span(window as IntervalWindow)}`),
      );
    });
    expect(sums.toSorted()).toEqual(expected);
  });

  test("a grouping behind a grouping fires for each pane as it comes", async () => {
    const lines = await collectedBy(runner, (p) =>
      p.apply([1, 2, 3, 4].reduce((stream, n) => stream.addElements(at(n, n)), testStream<number>())).pipe(
        windowInto(fixedWindows(10), { trigger: repeatedly(afterCount(2)), accumulation: "discarding" }),
        withKeys("k"),
        combinePerKey(sum()),
        groupByKey(),
        map(([, values], { pane }) => `${[...values].join()} ${pane.timing} ${pane.index}`),
      ),
    );
    // The first grouping emits at the end of its window, with nothing new; that is something new for the second.
    expect(lines).toEqual(["3 EARLY 0", "7 EARLY 1", "0 EARLY 2", " ON_TIME 3"]);
  });

  test.each(["virtual", "wall"] as const)(
    "a delay of an hour does not hold up a run that ends (clock: %s)",
    { timeout: 20_000 },
    async (clock) => {
      let panes!: Collected<string>;
      const result = await runner.run(
        (p) => {
          panes = p
            .apply(create([1, 2], { timestampOf: (n) => n }))
            .pipe(
              windowInto(fixedWindows(10), { trigger: repeatedly(afterProcessingTime(hours(1))), accumulation: "discarding" }),
              withKeys("k"),
              groupByKey(),
              map(([, values], { pane }) => `${[...values].toSorted((a, b) => a - b).join()} ${pane.timing}`),
            )
            .apply(collect());
        },
        {},
        { clock },
      );
      expect(result.collected(panes)).toEqual(["1,2 ON_TIME"]);
    },
  );

  test("an element in a gap between windows goes no further, and is not counted as late", async () => {
    let counts!: Collected<string>;
    const result = await runner.run((p) => {
      counts = p
        .apply(create([1, 4, 5, 9], { timestampOf: (n) => n }))
        .pipe(
          windowInto(slidingWindows(2, 5)),
          withKeys("k"),
          combinePerKey(count()),
          map(([, n], { window }) => `${n} in ${span(window as IntervalWindow)}`),
        )
        .apply(collect());
    });
    expect(result.collected(counts).toSorted()).toEqual(["1 in [0, 2)", "1 in [5, 7)"]);
    expect(result.metrics({ name: "dropped_late", kind: "counter" })).toMatchObject([{ committed: 0 }]);
  });

  test("a window function that gives no window is refused", async () => {
    const run = runner.run((p) => void p.apply(create([1])).apply(windowInto(windowsOf({ assign: () => [] }))));
    await expect(run).rejects.toMatchObject({ code: "BAD_WINDOW" });
  });

  test.each([
    ["what it was not given", () => [{ from: [from(5, 6)], into: from(0, 9) }]],
    ["into what is no window", (windows: readonly IntervalWindow[]) => [{ from: windows, into: undefined as never }]],
  ])("a window function that merges %s is refused", async (_, merge) => {
    const mine = windowsOf({ assign: ({ timestamp }) => [from(timestamp, timestamp + 5)], merge });
    const run = runner.run(
      (p) => void p.apply(create([1, 2], { timestampOf: (n) => n })).pipe(windowInto(mine), withKeys("k"), groupByKey()),
    );
    await expect(run).rejects.toMatchObject({ code: "BAD_WINDOW" });
  });

  test("windows and times stay where collections are flattened, and each input's elements count", async () => {
    const counts = await collectedBy(runner, (p) => {
      const ones = p.apply("A", create([1, 11], { timestampOf: (n) => n })).apply("InA", windowInto(fixedWindows(10)));
      const twos = p.apply("B", create([2, 12, 13], { timestampOf: (n) => n })).apply("InB", windowInto(fixedWindows(10)));
      return flatten([ones, twos]).pipe(
        withKeys("k"),
        combinePerKey(count()),
        map(([, n], { window }) => `${n} in ${span(window as IntervalWindow)}`),
      );
    });
    expect(counts.toSorted()).toEqual(["2 in [0, 10)", "3 in [10, 20)"]);
  });
});
