import { resolve } from "node:path";
import { directRunner } from "millrace/runners/direct";
import { rxjsRunner } from "millrace/runners/rxjs";
import { threadsRunner } from "millrace/runners/threads";
import { transcriptsIn } from "./pipeline.ts";
import { replay } from "./replay.ts";
import { TranscriptError } from "./transcript.ts";

// `npm run transcripts -- FILE…`: replays transcripts on every runner, in every variation. A transcript passes if all of that does.

const runners = { direct: directRunner(), rxjs: rxjsRunner(), threads: threadsRunner({ threads: 2 }) };
const counts = { passed: 0, failed: 0 };

const files = process.argv.slice(2);
if (files.length === 0) {
  console.error("npm run transcripts -- FILE…: which files?");
  process.exit(2);
}
for (const file of files) await replayFile(file);
console.log(`${counts.passed} passed, ${counts.failed} failed`);
process.exitCode = counts.failed === 0 ? 0 : 1;

/** npm starts a script in the package's folder; a path is meant from where npm was called. */
function pathOf(file: string): string {
  return resolve(process.env["INIT_CWD"] ?? "", file);
}

async function replayFile(file: string): Promise<void> {
  try {
    for (const [place, { name }] of transcriptsIn(pathOf(file)).entries()) {
      const problems = await replayEverywhere(pathOf(file), place);
      if (problems.length > 0) console.log(["", `FAILED ${name}`, ...problems].join("\n  "));
      counts[problems.length === 0 ? "passed" : "failed"]++;
    }
  } catch (error) {
    // A file that cannot be read, or holds something else, fails; the others are still replayed.
    console.log(`FAILED ${file}\n  ${(error as Error).message}`);
    if (!(error instanceof TranscriptError) && !Object.hasOwn(error as object, "code")) throw error;
    counts.failed++;
  }
}

async function replayEverywhere(file: string, place: number): Promise<readonly string[]> {
  const problems: string[] = [];
  for (const [name, runner] of Object.entries(runners)) {
    problems.push(...(await replay(runner, file, place)).map((problem) => `${name}, ${problem}`));
  }
  return problems;
}
