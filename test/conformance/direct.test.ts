import { describe, test } from "vitest";
import { describeRunner } from "millrace/conformance";
import { directRunner } from "millrace/runners/direct";

describeRunner("direct", (cut) => directRunner(cut), { test: { describe, test } });
