import { describe, test } from "vitest";
import { cuts, describeRunner } from "millrace/conformance";
import { threadsRunner } from "millrace/runners/threads";
import { knownGaps } from "./known-gaps.ts";
import { cutsOr, isFull } from "./matrix.ts";

const options = { knownGaps, test: { describe, test } };

// One worker where there is one partition to work on; under the first cut a second one has nothing to do.
describeRunner("threads", (cut) => threadsRunner({ threads: cut.elementsPerBundle === 1 ? 1 : 2, ...cut }), {
  ...options,
  cuts: cutsOr("many partitions"),
});

// A run that fails ends its workers, and it is they who take long to start.
if (isFull) {
  describeRunner("threads, four workers", (cut) => threadsRunner({ threads: 4, ...cut }), {
    ...options,
    cuts: cuts.filter(({ partitions = 1 }) => partitions >= 4),
    only: ({ fails }) => fails === undefined,
  });
}
