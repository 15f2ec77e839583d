import { describe, test } from "vitest";
import { describeRunner } from "millrace/conformance";
import { rxjsRunner } from "millrace/runners/rxjs";
import { knownGaps } from "./known-gaps.ts";
import { cutsOr } from "./matrix.ts";

describeRunner("rxjs", (cut) => rxjsRunner(cut), { knownGaps, cuts: cutsOr("one element per bundle"), test: { describe, test } });
