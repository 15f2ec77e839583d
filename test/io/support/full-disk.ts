// A program that writes more than it may, and says what came of it: the error, and the files that are left.
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { writeText } from "../../../io/text/write-text.ts";
import { errorOf } from "./errors.ts";
import { openOf, sinkOf } from "./sinks.ts";

const [folder = ""] = process.argv.slice(2);
const abort = new AbortController();
const error = await errorOf(async () => {
  const writer = await openOf(sinkOf(writeText(join(folder, "out.txt"))), { signal: abort.signal });
  for (let i = 0; i < 100; i++) await writer.write(["line".repeat(10_000)]);
});
abort.abort();
console.log(
  JSON.stringify({ code: error.code, at: error.parts.at, got: error.parts.got, fix: error.parts.fix, left: readdirSync(folder) }),
);
