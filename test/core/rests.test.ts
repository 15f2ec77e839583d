import { describe, expect, test } from "vitest";
import { NEVER } from "millrace";
import type { Label } from "../../runners/core/batch.ts";
import { Rests, type Resting } from "../../runners/core/rests.ts";

const batch = (earliest: number): Label => ({ target: 0, partition: 0, collection: 0, size: 1, earliest });

const resting = (part: string, given: Partial<Resting<Label>> = {}): Resting<Label> => ({
  batch: batch(0),
  part,
  until: NEVER,
  mayWake: true,
  idleFrom: NEVER,
  ...given,
});

describe("parts that rest", () => {
  test("are read on when they are due, or woken, each once", () => {
    const rests = new Rests<Label>();
    const [a, b, c] = [resting("a", { until: 10 }), resting("b", { until: 20 }), resting("c")];
    expect(rests.add([a, b, c])).toEqual([]);
    expect(rests.takeDue(9)).toEqual([]);
    expect(rests.takeDue(10)).toEqual([a.batch]);
    expect(rests.wake("c")).toEqual([c.batch]);
    expect(rests.wake("b")).toEqual([b.batch]);
    expect(rests.isEmpty).toBe(true);
  });

  test("do not rest at all if they were woken while their bundle was out", () => {
    const rests = new Rests<Label>();
    const [a, b] = [resting("a"), resting("b")];
    expect(rests.wake("a")).toEqual([]);
    expect(rests.add([a, b])).toEqual([a.batch]);
    // That was for one bundle.
    expect(rests.add([a])).toEqual([]);
    expect(rests.takeAll()).toHaveLength(2);
  });

  test("hold the watermark until they are idle, and say when that changes", () => {
    const rests = new Rests<Label>();
    rests.add([resting("a", { batch: batch(3), idleFrom: 50 }), resting("b", { batch: batch(7), until: 80 })]);
    expect(rests.holds(49)).toEqual([3, 7]);
    expect(rests.nextChange(49)).toBe(50);
    expect(rests.holds(50)).toEqual([7]);
    expect(rests.nextChange(50)).toBe(80);
  });
});
