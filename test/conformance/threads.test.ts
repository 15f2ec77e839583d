import { describe, test } from "vitest";
import { describeRunner } from "millrace/conformance";
import { threadsRunner } from "millrace/runners/threads";

describeRunner("threads", (cut) => threadsRunner({ threads: 2, ...cut }), { test: { describe, test } });
