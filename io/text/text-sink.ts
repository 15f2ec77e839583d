import { PipelineError, shortText } from "../../sdk/errors.ts";
import type { Sink, SinkContext, SinkWriter } from "../../sdk/sink.ts";
import { OutFile, type OutFileOptions } from "../files/out-file.ts";
import { pathBelow, shardName } from "../files/output-names.ts";
import { publish, type WrittenFile } from "../files/publish.ts";

/** What a sink of lines is made of. */
export interface TextSinkSpec<T> extends OutFileOptions {
  /** The file, or with `fileOf` the folder. */
  readonly path: string;
  readonly lineOf: (element: T) => string;
  readonly fileOf: ((element: T) => string) | undefined;
  readonly shards: number | undefined;
  readonly header: string | undefined;
  readonly footer: string | undefined;
}

/** Writes lines to files; the committable of a writer is the list of its files. */
export function textSink<T>(spec: TextSinkSpec<T>): Sink<T, readonly WrittenFile[]> {
  return {
    name: "Files",
    shards: spec.shards ?? 1,
    open: (context) => (spec.fileOf === undefined ? openOne(spec, context) : new FolderWriter(spec, spec.fileOf, context.signal)),
    commit: (committables) => publish(committables.flat(), spec.ifExists),
  };
}

async function openOne<T>(spec: TextSinkSpec<T>, { shard, signal }: SinkContext): Promise<SinkWriter<T, readonly WrittenFile[]>> {
  const file = new OutFile(spec.shards === undefined ? spec.path : shardName(spec.path, shard, spec.shards), spec);
  onAbort(signal, () => file.abandon());
  await file.create(spec.ifExists);
  await file.append(lined(spec.header));
  return {
    write: (values) => file.append(textOf(values, spec.lineOf, file.final)),
    finish: async () => [await finished(file, spec)],
  };
}

/** Files that are open at once; the one that was not written to for longest gives way. */
const OPEN_FILES = 64;

class FolderWriter<T> implements SinkWriter<T, readonly WrittenFile[]> {
  readonly #spec: TextSinkSpec<T>;
  readonly #fileOf: (element: T) => string;
  readonly #files = new Map<string, OutFile>();
  readonly #signal: AbortSignal;
  /** Those that may be open, least recently written first. */
  readonly #used = new Set<OutFile>();

  constructor(spec: TextSinkSpec<T>, fileOf: (element: T) => string, signal: AbortSignal) {
    this.#spec = spec;
    this.#fileOf = fileOf;
    this.#signal = signal;
    onAbort(signal, () => {
      for (const file of this.#files.values()) file.abandon();
    });
  }

  readonly write = async (values: readonly T[]): Promise<void> => {
    for (const [path, group] of this.#byPath(values)) {
      const file = await this.#fileAt(path);
      await file.append(textOf(group, this.#spec.lineOf, path));
    }
  };

  readonly finish = async (): Promise<readonly WrittenFile[]> => {
    const files = [...this.#files.values()];
    const written: WrittenFile[] = [];
    for (let i = 0; i < files.length; i += SYNCED_FILES) {
      written.push(...(await Promise.all(files.slice(i, i + SYNCED_FILES).map((file) => finished(file, this.#spec)))));
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

  async #fileAt(path: string): Promise<OutFile> {
    const file = this.#files.get(path);
    if (file === undefined) return this.#create(path);
    await this.#use(file);
    return file;
  }

  async #create(path: string): Promise<OutFile> {
    this.#signal.throwIfAborted();
    const file = new OutFile(path, this.#spec);
    this.#files.set(path, file);
    await this.#use(file);
    await file.create(this.#spec.ifExists);
    await file.append(lined(this.#spec.header));
    return file;
  }

  async #use(file: OutFile): Promise<void> {
    this.#used.delete(file);
    this.#used.add(file);
    const [oldest] = this.#used;
    if (this.#used.size <= OPEN_FILES || oldest === undefined) return;
    this.#used.delete(oldest);
    await oldest.release();
  }
}

/** Files that are made durable at the same time. */
const SYNCED_FILES = 16;

async function finished(file: OutFile, { footer }: { readonly footer: string | undefined }): Promise<WrittenFile> {
  await file.append(lined(footer));
  return file.finish();
}

const lined = (text: string | undefined): string => (text === undefined ? "" : `${text}\n`);

function textOf<T>(values: readonly T[], lineOf: (element: T) => string, path: string): string {
  let text = "";
  for (const value of values) {
    const line: unknown = lineOf(value);
    if (typeof line !== "string") throw noLine(line, path);
    text += `${line}\n`;
  }
  return text;
}

const noLine = (got: unknown, path: string): PipelineError =>
  new PipelineError("NOT_ENCODABLE", {
    what: "a line to be written is no string",
    at: path,
    got: shortText(got),
    fix: "map the elements to strings before, or pass { lineOf }",
  });

function onAbort(signal: AbortSignal, act: () => void): void {
  if (signal.aborted) act();
  else signal.addEventListener("abort", act, { once: true });
}
