import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { campaign } from "../io/support/campaign.ts";
import { localRunners } from "../support/runs.ts";
import { StateOracle } from "../support/state-oracle.ts";
import { anyHappenings, anySetup } from "../support/state-programs.ts";
import { outcomeOf } from "../support/state-runs.ts";
import { anyCut, inAnyOrder } from "../support/stream-scenarios.ts";

describe.each(localRunners)("a step that does anything with state and timers, under random cuts, on %s", (_, make) => {
  test("sees and gives out what a plain model does, whichever calls fail", async () => {
    await fc.assert(
      fc.asyncProperty(anySetup, anyHappenings, anyCut, fc.boolean(), async (setup, happenings, cut, strict) => {
        const expected = StateOracle.outcomeOf(setup, happenings);
        const { lines, late, dropped, skipped } = await outcomeOf(make(cut), setup, happenings, { strict });
        expect(inAnyOrder(lines)).toEqual(inAnyOrder(expected.lines));
        expect([inAnyOrder(late), dropped, skipped]).toEqual([inAnyOrder(expected.late), expected.late.length, expected.skipped]);
      }),
      campaign(600),
    );
  });
});
