import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { campaign } from "../io/support/campaign.ts";
import { groupedFromScratch } from "../support/grouping-oracle.ts";
import { localRunners } from "../support/runs.ts";
import { anyCut, anyEvents, anyWindowing, groupedBy, inAnyOrder } from "../support/stream-scenarios.ts";

describe.each(localRunners)("grouping a stream under random cuts on %s", (_, runner) => {
  test("gives the panes, their numbers and times, and drops what the rules of the model say", async () => {
    await fc.assert(
      fc.asyncProperty(anyWindowing, anyEvents, anyCut, async (windowing, events, cut) => {
        const expected = groupedFromScratch(windowing, events);
        const { panes, late, closed } = await groupedBy(runner(cut), windowing, events);
        expect(inAnyOrder(panes)).toEqual(inAnyOrder(expected.panes));
        expect({ late, closed }).toEqual({ late: expected.late, closed: expected.closed });
      }),
      campaign(1_500),
    );
  });
});
