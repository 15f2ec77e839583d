import type { Runner } from "millrace";
import { differences } from "./compare.ts";
import { observe } from "./observe.ts";
import { transcriptsIn } from "./pipeline.ts";
import { variations } from "./playback.ts";

/** Replays a transcript in each of its variations. @returns in what runs differ from it, and from what; nothing where none does. */
export async function replay(runner: Runner, file: string, place: number): Promise<readonly string[]> {
  const problems: string[] = [];
  for (const [i, variation] of variations.entries()) {
    const found = await observe(runner, file, place, i).then(
      (observations) => differences(transcriptsIn(file)[place]!, observations, variation),
      (error: unknown) => [`the run failed: ${error instanceof Error ? error.message : String(error)}`],
    );
    problems.push(...found.map((problem) => `${variation.name}: ${problem}`));
  }
  return problems;
}
