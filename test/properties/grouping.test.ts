import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { campaign } from "../io/support/campaign.ts";
import type { Cut } from "../../runners/core/scheduler.ts";
import { groupedFromScratch, type KnownWindowing, type StreamEvent } from "../support/grouping-oracle.ts";
import { localRunners } from "../support/runs.ts";
import { anyCut, anyEvents, anyWindowing, groupedBy, inAnyOrder } from "../support/stream-scenarios.ts";

/** A session that is closed, and parts that become one before they grow into it: too rare to wait for. */
const growsIntoClosed: [KnownWindowing, readonly StreamEvent[], Cut] = [
  {
    windows: { kind: "sessions", gap: 5 },
    trigger: { kind: "afterCount", count: 5 },
    accumulation: "discarding",
    allowedLateness: 0,
    timestampCombiner: "endOfWindow",
    closing: "ifNonEmpty",
    onTime: "always",
  },
  [[0, 4, 8, 12, 16], [0], [8], [4], [12], [16]].map((times, event) => ({
    kind: "elements",
    elements: times.map((at, i) => ({ key: "a", at, value: 10 * event + i })),
  })),
  {},
];

describe.each(localRunners)("grouping a stream under random cuts on %s", (_, runner) => {
  test("gives the panes, their numbers and times, and drops what the rules of the model say", async () => {
    await fc.assert(
      fc.asyncProperty(anyWindowing, anyEvents, anyCut, async (windowing, events, cut) => {
        const expected = groupedFromScratch(windowing, events);
        const { panes, late, closed } = await groupedBy(runner(cut), windowing, events);
        expect(inAnyOrder(panes)).toEqual(inAnyOrder(expected.panes));
        expect({ late, closed }).toEqual({ late: expected.late, closed: expected.closed });
      }),
      { ...campaign(1_500), examples: [growsIntoClosed] },
    );
  });
});
