import { describe, test } from "vitest";
import { describeRunner } from "millrace/conformance";
import { rxjsRunner } from "millrace/runners/rxjs";
import { knownGaps } from "./known-gaps.ts";

describeRunner("rxjs", (cut) => rxjsRunner(cut), { knownGaps, test: { describe, test } });
