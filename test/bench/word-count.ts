import { createReadStream, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Runner } from "millrace";
import { directRunner } from "millrace/runners/direct";
import { rxjsRunner } from "millrace/runners/rxjs";
import { threadsRunner } from "millrace/runners/threads";
import wordCount from "../../docs/examples/word-count.ts";
import { compare } from "./compare.ts";
import { textFile } from "./text-file.ts";

/** Where word counts are written. */
export const output = join(tmpdir(), "millrace-bench-counts.txt");

/** Word count against a streaming loop written by hand, and the runners against one another. */
export async function wordCounts(): Promise<void> {
  const input = await textFile(1_000_000);
  const by = (runner: Runner) => async () => {
    await runner.run(wordCount, { input, output, replace: true });
    return digest();
  };
  await compare("word count, 1 M lines, direct against a loop by hand", { ours: by(directRunner()), plain: () => byHand(input) });
  await compare("word count, 1 M lines, rxjs against direct", { ours: by(rxjsRunner()), plain: by(directRunner()) });
  await compare("word count, 1 M lines, 2 threads against direct", { ours: by(threadsRunner({ threads: 2 })), plain: by(directRunner()) });
}

async function byHand(input: string): Promise<unknown> {
  const counts = new Map<string, number>();
  let rest = "";
  for await (const chunk of createReadStream(input, { encoding: "utf8", highWaterMark: 256 * 1_024 })) {
    const lines = (rest + (chunk as string)).split("\n");
    rest = lines.pop()!;
    for (const line of lines)
      for (const word of line.toLowerCase().match(/[\p{L}']+/gu) ?? []) counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  let text = "";
  for (const [word, n] of counts) text += `${word}\t${n}\n`;
  writeFileSync(output, text);
  return digest();
}

/** What a file of counts says, whatever the order of its lines. */
export function digest(): unknown {
  const lines = readFileSync(output, "utf8").trimEnd().split("\n");
  return [lines.length, lines.reduce((sum, line) => sum + Number(line.split("\t")[1]), 0)];
}
