import { resolve } from "node:path";
import type { Sink, SinkContext, SinkPlace, SinkWriter } from "../../sdk/sink.ts";
import type { FileText } from "./file-text.ts";
import { onAbort } from "./on-abort.ts";
import { OutFile } from "./out-file.ts";
import { pathBelow, shardName } from "./output-names.ts";
import { publish, type IfExists, type WrittenFile } from "./publish.ts";

/** What a sink of text files is made of. */
export interface TextSinkSpec<T> {
  /** The file, or with `fileOf` the folder. */
  readonly path: string;
  readonly ifExists: IfExists;
  readonly compress: "gzip" | undefined;
  readonly shards: number | undefined;
  readonly fileOf: ((element: T) => string) | undefined;
  /** Asked once for each file. */
  readonly textOf: (path: string) => FileText<T>;
}

/** Writes text files; the committable of a writer is the list of its files. */
export function textSink<T>(spec: TextSinkSpec<T>): Sink<T, readonly WrittenFile[]> {
  return {
    name: "Files",
    place: placeOf(spec),
    shards: spec.shards ?? 1,
    open: (context) => (spec.fileOf === undefined ? openOne(spec, context) : new FolderWriter(spec, spec.fileOf, context.signal)),
    commit: (committables) => publish(committables.flat(), spec.ifExists),
  };
}

/** Where it writes. The names of files in a folder are only known in the run: two sinks may share it if none replaces files. */
function placeOf({ path, shards, fileOf, ifExists }: TextSinkSpec<never>): SinkPlace {
  const name = resolve(path);
  if (fileOf !== undefined) return { name, mayShare: ifExists === "error" };
  return { name: shards === undefined ? name : `${name} in ${shards} shards` };
}

async function openOne<T>(spec: TextSinkSpec<T>, { shard, signal }: SinkContext): Promise<SinkWriter<T, readonly WrittenFile[]>> {
  const path = spec.shards === undefined ? spec.path : shardName(spec.path, shard, spec.shards);
  const out = new Output(path, spec);
  onAbort(signal, () => out.file.abandon());
  await out.begin(spec.ifExists);
  return { write: (values) => out.write(values), finish: async () => [await out.finish()] };
}

/** A file and what makes its text. */
class Output<T> {
  readonly file: OutFile;
  readonly #text: FileText<T>;

  constructor(path: string, { compress, textOf }: TextSinkSpec<T>) {
    this.file = new OutFile(path, compress);
    this.#text = textOf(path);
  }

  async begin(ifExists: IfExists): Promise<void> {
    await this.file.create(ifExists);
    await this.file.append(this.#text.before);
  }

  write(values: readonly T[]): void | Promise<void> {
    return this.file.append(this.#text.of(values));
  }

  async finish(): Promise<WrittenFile> {
    await this.file.append(this.#text.after);
    return this.file.finish();
  }
}

/** Files that are open at once; the one that was not written to for longest gives way. */
const OPEN_FILES = 64;

class FolderWriter<T> implements SinkWriter<T, readonly WrittenFile[]> {
  readonly #spec: TextSinkSpec<T>;
  readonly #fileOf: (element: T) => string;
  readonly #signal: AbortSignal;
  readonly #outputs = new Map<string, Output<T>>();
  /** Those that may be open, least recently written first. */
  readonly #used = new Set<Output<T>>();

  constructor(spec: TextSinkSpec<T>, fileOf: (element: T) => string, signal: AbortSignal) {
    this.#spec = spec;
    this.#fileOf = fileOf;
    this.#signal = signal;
    onAbort(signal, () => {
      for (const { file } of this.#outputs.values()) file.abandon();
    });
  }

  readonly write = async (values: readonly T[]): Promise<void> => {
    for (const [path, group] of this.#byPath(values)) {
      const output = await this.#outputAt(path);
      await output.write(group);
    }
  };

  readonly finish = async (): Promise<readonly WrittenFile[]> => {
    const outputs = [...this.#outputs.values()];
    const written: WrittenFile[] = [];
    for (let i = 0; i < outputs.length; i += FINISHED_FILES) {
      written.push(...(await Promise.all(outputs.slice(i, i + FINISHED_FILES).map((output) => output.finish()))));
    }
    return written;
  };

  #byPath(values: readonly T[]): ReadonlyMap<string, T[]> {
    const groups = new Map<string, T[]>();
    for (const value of values) {
      const path = pathBelow(this.#spec.path, this.#fileOf(value));
      const group = groups.get(path);
      if (group === undefined) groups.set(path, [value]);
      else group.push(value);
    }
    return groups;
  }

  async #outputAt(path: string): Promise<Output<T>> {
    const known = this.#outputs.get(path);
    const output = known ?? new Output(path, this.#spec);
    await this.#use(output);
    if (known !== undefined) return known;
    this.#signal.throwIfAborted();
    this.#outputs.set(path, output);
    await output.begin(this.#spec.ifExists);
    return output;
  }

  async #use(output: Output<T>): Promise<void> {
    this.#used.delete(output);
    this.#used.add(output);
    const [oldest] = this.#used;
    if (this.#used.size <= OPEN_FILES || oldest === undefined) return;
    this.#used.delete(oldest);
    await oldest.file.release();
  }
}

/** Files that are made durable at the same time. */
const FINISHED_FILES = 16;
