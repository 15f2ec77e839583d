import { describe, test } from "vitest";
import { cuts, describeRunner } from "millrace/conformance";
import { threadsRunner } from "millrace/runners/threads";
import { knownGaps } from "./known-gaps.ts";

const options = { knownGaps: knownGaps.threads, test: { describe, test } };
const manyPartitions = cuts.filter(({ partitions = 1 }) => partitions > 2);

describeRunner("threads", (cut) => threadsRunner({ threads: 2, ...cut }), options);
describeRunner("threads, one worker", (cut) => threadsRunner({ threads: 1, ...cut }), { ...options, cuts: manyPartitions });
describeRunner("threads, four workers", (cut) => threadsRunner({ threads: 4, ...cut }), { ...options, cuts: manyPartitions });
