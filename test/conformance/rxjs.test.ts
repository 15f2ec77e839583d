import { describe, test } from "vitest";
import { describeRunner } from "millrace/conformance";
import { rxjsRunner } from "millrace/runners/rxjs";

describeRunner("rxjs", (cut) => rxjsRunner(cut), { test: { describe, test } });
