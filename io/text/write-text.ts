import { PipelineError, shortText } from "../../sdk/errors.ts";
import { ptransform, type PCollection, type PTransform } from "../../sdk/pipeline.ts";
import { flatMap } from "../../sdk/transforms/flat-map.ts";
import { writeTo } from "../../sdk/transforms/write-to.ts";
import type { IfExists, WrittenFile } from "../files/publish.ts";
import { textSink } from "./text-sink.ts";

/** How {@link writeText} writes. */
export interface WriteTextOptions<in T> {
  /** What becomes of a file that is there already: the run fails (unless said otherwise), or the file is replaced at the end. */
  readonly ifExists?: IfExists;
  /** Writes so many files, each by a writer of its own: `out.txt` becomes `out-00000-of-00003.txt` and so on. */
  readonly shards?: number;
  /** Packs each file, in several gzip members one behind the other. The name stays as it is given: say `.gz` there. */
  readonly compress?: "gzip";
  /** The file of an element, as a path below the folder. */
  readonly fileOf?: (element: T) => string;
  /** A first line for each file. */
  readonly header?: string;
  /** A last line for each file. */
  readonly footer?: string;
}

/**
 * Writes each element as a line of a text file, in UTF-8, ended by LF.
 *
 * Shape: `PCollection<T>` → `PCollection<string>` of the names of the files, emitted when they are in place.
 *
 * A file is written under a hidden name beside its final one and gets that when the run succeeds, at once and whole; a run that
 * fails leaves none. Missing folders are made. Without input there is an empty file, or its header and footer; with `fileOf`
 * there is none. The order of lines is not defined. An element that has line ends makes several lines.
 *
 * @param path - the file; with `fileOf` the folder of the files.
 * @param options - see {@link WriteTextOptions}; without `lineOf` elements must be strings.
 * @throws PipelineError `BAD_OPTION` for `shards` that are no whole number from 1 to 99,999, or together with `fileOf`. In the
 * run: `ALREADY_EXISTS` for a file that is there and not to be replaced, looked up when it is begun and again when it gets its
 * name; `WRITE_FAILED` when the disk is full or the system refuses; `BAD_NAME` when `fileOf` leads out of the folder;
 * `NOT_ENCODABLE` for a line that is no string or no well-formed text.
 * @example
 * ```ts
 * counts.apply(writeText("counts.txt", { lineOf: ([word, n]) => `${word}\t${n}` }));
 * logs.apply(writeText("logs", { fileOf: ({ day }) => `${day}.txt.gz`, lineOf: ({ text }) => text, compress: "gzip" }));
 * ```
 */
export function writeText<T>(
  path: string,
  options: WriteTextOptions<T> & { readonly lineOf: (element: T) => string },
): PTransform<PCollection<T>, PCollection<string>>;
export function writeText(path: string, options?: WriteTextOptions<string>): PTransform<PCollection<string>, PCollection<string>>;
export function writeText<T>(
  path: string,
  options: WriteTextOptions<T> & { readonly lineOf?: (element: T) => string } = {},
): PTransform<PCollection<T>, PCollection<string>> {
  const { ifExists = "error", shards, compress, fileOf, header, footer, lineOf = (element: T) => element as string } = options;
  checkShards(path, shards, fileOf !== undefined);
  const sink = textSink<T>({ path, ifExists, shards, compress, fileOf, header, footer, lineOf });
  return ptransform("WriteText", (input: PCollection<T>) =>
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
    throw new PipelineError("BAD_OPTION", { what: "shards is no whole number from 1 to 99,999", at: path, got });
  }
  if (!hasFileOf) return;
  throw new PipelineError("BAD_OPTION", {
    what: "shards and fileOf exclude each other",
    at: path,
    fix: "leave shards out: fileOf says how many files there are",
  });
}
