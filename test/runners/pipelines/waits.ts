import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { collect, create, definePipeline, map, wait, type Collected, type PCollection } from "millrace";
import { writeText } from "millrace/io/text";

/** What comes out, by step. */
export interface Handles {
  readonly names: Collected<string>;
  readonly read: Collected<string>;
}

let handles: Handles;

/** What the pipeline that was built last on this thread collects. */
export const collected = (): Handles => handles;

/** Writes a file, and reads it once it is there; writes a second one then, and says whether the first one was there before it. */
export default definePipeline(import.meta.url, { options: { folder: { type: "string", required: true } } }, (p, { folder }) => {
  const [first, second] = [join(folder, "first.txt"), join(folder, "second.txt")] as const;
  const written = p.apply("Lines", create(["a", "b"])).apply("First", writeText(first));
  const read = p.apply("Path", create([first])).pipe(
    wait(written),
    map((path) => readFileSync(path, "utf8")),
  );
  const after: PCollection<string> = read.apply("Second", writeText(second)).pipe(map((path) => `${path} after ${existsSync(first)}`));
  handles = { names: after.apply("Names", collect()), read: read.apply("Read", collect()) };
});
