import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { generate } from "../../runners/core/generate.ts";
import { link } from "../../runners/core/link.ts";
import { campaign } from "../io/support/campaign.ts";
import { comparable, inputBundles, outcomes, type MakeBackEnd } from "../support/stage-harness.ts";
import { stepTrees } from "../support/step-trees.ts";

/** What makes one function of the steps of a stage; all have to do the same. */
const backEnds: readonly (readonly [string, MakeBackEnd])[] = [
  ["linked", () => link],
  ["generated", generate],
];

const cuts = fc.record({ batchSize: fc.integer({ min: 1, max: 5 }), partitions: fc.constantFrom(1, 3) });

describe.each(backEnds)("steps that are %s", (_, makeBackEnd) => {
  test("give what the tree means, bundle by bundle, and fail where it fails", async () => {
    await fc.assert(
      fc.asyncProperty(stepTrees({ catches: true, bundles: true }), inputBundles, cuts, async (tree, bundles, cut) => {
        for (const { outcome, expected } of await outcomes(makeBackEnd, tree, bundles, cut)) {
          expect(comparable(outcome)).toEqual(comparable(expected));
        }
      }),
      campaign(400),
    );
  });
});
