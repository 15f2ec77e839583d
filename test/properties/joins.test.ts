import fc from "fast-check";
import { expect, test } from "vitest";
import {
  afterCount,
  fixedWindows,
  fullJoin,
  map,
  NEVER,
  output,
  repeatedly,
  tableJoin,
  windowInto,
  withWindowing,
  type KV,
  type PCollection,
  type Pipeline,
} from "millrace";
import { directRunner } from "millrace/runners/direct";
import { at, testStreams } from "millrace/testing";
import { collectedBy, inOrder } from "../support/runs.ts";
import { anyCut } from "../support/stream-scenarios.ts";

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
  const played = arrivals.reduce((so, { side, key, time }, i) => {
    const safe = Math.min(...arrivals.slice(i).map((later) => later.time));
    const moved = hasHaste && i > 0 ? so.advanceWatermarkTo("left", safe).advanceWatermarkTo("right", safe) : so;
    return moved.addElements(side, at(time, [key, `${side} ${i}`]));
  }, streams);
  return p.apply(played.advanceWatermarkToInfinity("left").advanceWatermarkToInfinity("right"));
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
