import fc from "fast-check";
import { expect, test } from "vitest";
import { OffsetTracker } from "../../runners/core/offset-tracker.ts";
import { claimRange, type OffsetRange } from "../../sdk/source.ts";

const range = { from: 100, to: 200 };

test("SDF-15 positions of the range may be claimed, its end not", () => {
  const { tryClaim } = new OffsetTracker(range);
  expect([100, 150, 199, 200].map(tryClaim)).toEqual([true, true, true, false]);
});

test("SDF-16 before any claim all is left", () => {
  expect(new OffsetTracker(range).residual).toEqual({ from: 100, to: 200 });
});

test("SDF-17 after claims what lies behind the last one is left", () => {
  const first = new OffsetTracker(range);
  first.tryClaim(100);
  expect(first.residual).toEqual({ from: 101, to: 200 });

  const later = new OffsetTracker(range);
  later.tryClaim(105);
  later.tryClaim(110);
  expect(later.residual).toEqual({ from: 111, to: 200 });
});

test("SDF-20 positions are claimed in rising order, from the start of the range on", () => {
  const claiming = (...positions: readonly number[]) => {
    const tracker = new OffsetTracker(range);
    return () => positions.map(tracker.tryClaim);
  };
  const badClaim = (what: RegExp, got: string) =>
    expect.objectContaining({ code: "BAD_CLAIM", parts: expect.objectContaining({ what: expect.stringMatching(what), got }) });

  expect(claiming(105, 110, 103)).toThrow(badClaim(/again, or one before/, "position 103 of [100, 200) after 110"));
  expect(claiming(110, 110)).toThrow(badClaim(/again, or one before/, "position 110 of [100, 200) after 110"));
  expect(claiming(90)).toThrow(badClaim(/before the start/, "position 90 of [100, 200)"));
  expect(claiming(NaN)).toThrow(badClaim(/before the start/, "position NaN of [100, 200)"));
});

test("SDF-20 holds for positions that are claimed together, too", () => {
  const claim =
    (...positions: readonly number[]) =>
    () =>
      new OffsetTracker(range).claimWhile(positions);
  expect(claim(105, 110, 103)).toThrow(expect.objectContaining({ code: "BAD_CLAIM" }));
  expect(claim(90)).toThrow(expect.objectContaining({ code: "BAD_CLAIM" }));
});

test.each([
  ["no claim at all", [], { from: 100, to: 200 }],
  ["175 as the last claim", [105, 175], { from: 176, to: 200 }],
])("SDF-21 with %s something is left", (_, claims, left) => {
  const tracker = new OffsetTracker(range);
  for (const claim of claims) tracker.tryClaim(claim);
  expect(tracker.residual).toEqual(left);
});

test.each([199, 200, 220])("SDF-21 with %i as the last claim nothing is left", (last) => {
  const tracker = new OffsetTracker(range);
  tracker.tryClaim(105);
  tracker.tryClaim(last);
  expect(tracker.residual).toBeUndefined();

  const together = new OffsetTracker(range);
  together.claimWhile([105, last]);
  expect(together.residual).toBeUndefined();
});

test("SDF-22 how much is left goes from all to nothing", () => {
  const leftAfter = (...claims: readonly number[]): number => {
    const tracker = new OffsetTracker(range);
    for (const claim of claims) tracker.tryClaim(claim);
    const { residual } = tracker;
    return residual === undefined ? 0 : residual.to - residual.from;
  };
  // In Beam the position that is being worked on counts as left; here it is done once it is claimed.
  expect([leftAfter(), leftAfter(150), leftAfter(300)]).toEqual([100, 49, 0]);
});

test("a range that holds nothing is done from the start", () => {
  expect(new OffsetTracker({ from: 5, to: 5 }).residual).toBeUndefined();
});

test("what is left keeps everything else that the part says", () => {
  const tracker = new OffsetTracker({ from: 0, to: 9, file: "a.txt", size: 90 });
  tracker.tryClaim(3);
  expect(tracker.residual).toEqual({ from: 4, to: 9, file: "a.txt", size: 90 });
});

test("positions are claimed together up to the end of the range", () => {
  const tracker = new OffsetTracker(range);
  expect(tracker.claimWhile([100, 150, 199, 200, 210])).toBe(3);
  expect(tracker.claimWhile([])).toBe(0);
  expect(tracker.residual).toBeUndefined();
});

test("a limit refuses further positions, and says that they were refused", () => {
  const tracker = new OffsetTracker(range, { most: 3 });
  expect(tracker.claimWhile([100, 110])).toBe(2);
  expect(tracker.isStopped).toBe(false);
  expect(tracker.claimWhile([120, 130])).toBe(1);
  expect(tracker.isStopped).toBe(true);
  expect(tracker.residual).toEqual({ from: 121, to: 200 });
  expect(tracker.claimWhile([130])).toBe(0);
});

test("without a limit a read is never stopped", () => {
  const tracker = new OffsetTracker(range);
  tracker.claimWhile([100, 150]);
  expect(tracker.isStopped).toBe(false);
});

test("SDF-15, 20, 21 hold for a range that is claimed at once, too", () => {
  const claimed = (from: number, to: number) => {
    const tracker = new OffsetTracker(range);
    return [tracker.claimRange(from, to), tracker.residual];
  };
  expect(claimed(100, 150)).toEqual([50, { from: 150, to: 200 }]);
  expect(claimed(150, 200)).toEqual([50, undefined]);
  expect(claimed(150, 230)).toEqual([50, undefined]);
  expect(claimed(200, 230)).toEqual([0, undefined]);
  expect(claimed(150, 150)).toEqual([0, { from: 100, to: 200 }]);
  expect(() => claimed(90, 110)).toThrow(expect.objectContaining({ code: "BAD_CLAIM" }));

  const twice = new OffsetTracker(range);
  twice.claimRange(100, 120);
  expect(() => twice.claimRange(119, 130)).toThrow(expect.objectContaining({ code: "BAD_CLAIM" }));
});

test("a range is claimed up to the limit, and what is left begins right there", () => {
  const tracker = new OffsetTracker(range, { most: 30 });
  expect(tracker.claimRange(100, 120)).toBe(20);
  expect(tracker.isStopped).toBe(false);
  expect(tracker.claimRange(120, 200)).toBe(10);
  expect(tracker.isStopped).toBe(true);
  expect(tracker.claimRange(130, 200)).toBe(0);
  expect(tracker.residual).toEqual({ from: 130, to: 200 });
});

test("a range that goes on behind the end is not done where the limit has cut it", () => {
  const tracker = new OffsetTracker(range, { most: 30 });
  expect(tracker.claimRange(100, 250)).toBe(30);
  expect(tracker.residual).toEqual({ from: 130, to: 200 });
});

/** A call of a tracker: from where, counted from what was asked for last, and for how many positions. */
const call = fc.record({ ask: fc.constantFrom("one", "list", "range"), gap: fc.nat(4), count: fc.nat(12) });

test("however a read asks, it gets the positions up to the end or the limit", () => {
  fc.assert(
    fc.property(
      fc.array(call, { maxLength: 12 }),
      fc.nat(30),
      fc.option(fc.integer({ min: 1, max: 20 }), { nil: Infinity, freq: 3 }),
      (calls, size, limit) => {
        const part = { from: 50, to: 50 + size };
        const tracker = new OffsetTracker(part, { most: limit });
        const model = { left: limit, last: part.from - 1, hasTriedEnd: size === 0, isStopped: false };
        let next = part.from;
        for (const { ask, gap, count } of calls) {
          const from = next + gap;
          const asked = Array.from({ length: ask === "one" ? 1 : count }, (_, i) => from + i);
          const allowed = asked.filter((position, i) => position < part.to && i < model.left);
          model.left -= allowed.length;
          model.last = allowed.at(-1) ?? model.last;
          // Who is told to stop has not tried what lies behind.
          const refused = asked[allowed.length];
          model.hasTriedEnd ||= refused !== undefined && refused >= part.to;
          model.isStopped ||= refused !== undefined && refused < part.to;

          const got =
            ask === "one"
              ? Number(tracker.tryClaim(from))
              : ask === "list"
                ? tracker.claimWhile(asked)
                : tracker.claimRange(from, from + count);
          expect(got).toBe(allowed.length);
          next = from + asked.length;
          if (got < asked.length || tracker.isStopped) break; // what was stopped asks for nothing more
        }
        const rest = model.last + 1;
        expect(tracker.isStopped).toBe(model.isStopped);
        expect(tracker.residual).toEqual(model.hasTriedEnd || rest >= part.to ? undefined : { from: rest, to: part.to });
      },
    ),
  );
});

/** How a read asks for the next positions, and how many it may have until it is stopped. */
const reading = fc.record({
  size: fc.nat(30),
  skip: fc.integer({ min: 1, max: 3 }),
  atOnce: fc.integer({ min: 1, max: 7 }),
  limits: fc.infiniteStream(fc.oneof(fc.constant(Infinity), fc.integer({ min: 1, max: 6 }))),
});

test.each(["claimWhile", "claimRange"])("SDF-03 a read that asks by %s and is stopped over and over gives each position once", (asks) => {
  fc.assert(
    fc.property(reading, ({ size, skip, atOnce, limits }) => {
      // A range is claimed whole, so there it has no gaps.
      const step = asks === "claimRange" ? 1 : skip;
      const positions = Array.from({ length: size }, (_, i) => 10 + i * step);
      const given: number[] = [];
      const early: string[] = [];

      /** Reads on until the tracker refuses; answers what is left. */
      function readOn(part: OffsetRange, limit: number): OffsetRange | undefined {
        const tracker = new OffsetTracker(part, { most: limit });
        const mine = positions.filter((position) => position >= part.from);
        for (let i = 0; i < mine.length; i += atOnce) {
          const asked = mine.slice(i, i + atOnce);
          const claimed = asks === "claimRange" ? claimRange(tracker, asked[0]!, asked.at(-1)! + 1) : tracker.claimWhile(asked);
          given.push(...asked.slice(0, claimed));
          if (claimed === asked.length) continue;
          if (!tracker.isStopped) early.push(`refused ${asked[claimed]} and is not stopped`);
          return tracker.residual;
        }
        if (!tracker.isStopped && tracker.tryClaim(part.to)) early.push("gave the end of the part");
        return tracker.residual;
      }

      let rest: OffsetRange | undefined = { from: 10, to: 10 + size * step };
      for (const limit of limits) {
        rest = rest && readOn(rest, limit);
        if (rest === undefined) break;
      }
      expect({ given, early }).toEqual({ given: positions, early: [] });
    }),
  );
});
