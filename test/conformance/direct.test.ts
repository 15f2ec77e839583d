import { describe, test } from "vitest";
import { describeRunner } from "millrace/conformance";
import { directRunner } from "millrace/runners/direct";
import { knownGaps } from "./known-gaps.ts";

describeRunner("direct", (cut) => directRunner(cut), { knownGaps, test: { describe, test } });
