import { createWriteStream, existsSync, statSync } from "node:fs";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A file of generated lines of about 60 characters, always the same for a number of lines; made once. */
export async function textFile(lines: number): Promise<string> {
  const path = join(tmpdir(), `millrace-bench-${lines}.txt`);
  if (existsSync(path) && statSync(path).size > lines * 20) return path;
  const words = Array.from({ length: 5_000 }, (_, i) => wordOf(i));
  const random = randomFrom(42);
  const out = createWriteStream(path);
  for (let line = 0; line < lines;) {
    let block = "";
    for (const end = Math.min(lines, line + 1_000); line < end; line++) {
      const count = 6 + Math.floor(random() * 8);
      // Some words are far more frequent than others, as in any language.
      for (let i = 0; i < count; i++) block += `${words[Math.floor(random() ** 3 * words.length)]}${i === count - 1 ? "\n" : " "}`;
    }
    if (!out.write(block)) await once(out, "drain");
  }
  out.end();
  await once(out, "finish");
  return path;
}

function wordOf(i: number): string {
  const syllables = ["ba", "ko", "ri", "tu", "ne", "sha", "mo", "li", "ve", "dor"];
  return String(i)
    .split("")
    .map((digit) => syllables[Number(digit)]!)
    .join("");
}

/** mulberry32: the same numbers from 0 up to 1 for the same seed. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}
