import { PipelineError, shortText } from "../../sdk/errors.ts";
import { ptransform, type PCollection, type PTransform } from "../../sdk/pipeline.ts";
import { flatMap } from "../../sdk/transforms/flat-map.ts";
import { writeTo } from "../../sdk/transforms/write-to.ts";
import type { FileText } from "./file-text.ts";
import type { IfExists, WrittenFile } from "./publish.ts";
import { textSink } from "./text-sink.ts";

/** How files are written. */
export interface WriteFilesOptions<in T> {
  /** What becomes of a file that is there already: the run fails (unless said otherwise), or the file is replaced at the end. */
  readonly ifExists?: IfExists;
  /** Writes so many files, each by a writer of its own: `out.txt` becomes `out-00000-of-00003.txt` and so on. */
  readonly shards?: number;
  /** Packs each file, in gzip members one behind the other. The name stays as it is given: say `.gz` there. */
  readonly compress?: "gzip";
  /**
   * The file of an element, as a path below the folder. Two steps of a pipeline may write to one folder, each to files of its
   * own, as long as neither replaces files: then a name that both give fails the run instead of being lost.
   */
  readonly fileOf?: (element: T) => string;
}

/** Writes text files, and gives their names when they are in place. */
export function writeFiles<T>(
  name: string,
  path: string,
  { ifExists = "error", shards, compress, fileOf }: WriteFilesOptions<T>,
  textOf: (path: string) => FileText<T>,
): PTransform<PCollection<T>, PCollection<string>> {
  checkShards(path, shards, fileOf !== undefined);
  const sink = textSink<T>({ path, ifExists, shards, compress, fileOf, textOf });
  return ptransform(name, (input: PCollection<T>) =>
    input.apply(writeTo(sink)).apply(
      "Names",
      flatMap((files: readonly WrittenFile[]) => files.map(({ final }) => final)),
    ),
  );
}

function checkShards(path: string, shards: number | undefined, hasFileOf: boolean): void {
  if (shards === undefined) return;
  if (!Number.isInteger(shards) || shards < 1 || shards > 99_999) {
    const got = shortText(shards);
    throw new PipelineError("BAD_ARGUMENT", { what: "shards is no whole number from 1 to 99,999", at: path, got });
  }
  if (!hasFileOf) return;
  throw new PipelineError("BAD_ARGUMENT", {
    what: "shards and fileOf exclude each other",
    at: path,
    fix: "leave shards out: fileOf says how many files there are",
  });
}
