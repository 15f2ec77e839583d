import { watch, type FSWatcher } from "node:fs";
import { open, stat, type FileHandle } from "node:fs/promises";
import { basename, dirname } from "node:path";
import { PipelineError } from "../../sdk/errors.ts";
import { ArrivingLines } from "../lines/arriving-lines.ts";

/** How a file is followed. */
export interface TailedFileOptions {
  readonly path: string;
  /** Whether what is in it when it is opened first is passed over. */
  readonly startsAtEnd: boolean;
  readonly maxLineBytes: number;
}

/** So many bytes are read at once. */
const BLOCK = 64 * 1_024;

/**
 * A file that others write to, as lines. When it is replaced by another one, as logs are that are rotated, what the old one still has is
 * read first; when it is cut short it is read from its beginning. What was left without a line end by then is a line.
 */
export class TailedFile {
  readonly #options: TailedFileOptions;
  readonly #lines = new ArrivingLines();
  readonly #block = Buffer.allocUnsafe(BLOCK);
  #file: FileHandle | undefined;
  /** What tells the file from others that have its name later. */
  #identity = "";
  #offset = 0;
  #hasBegun = false;
  #watcher: FSWatcher | undefined;
  #notify: () => void = () => {};
  /** Whether it was told of a change since it was last read. */
  #hasChanged = false;
  /** Lines that were not to be given out yet. */
  #kept: readonly string[] = [];

  constructor(options: TailedFileOptions) {
    this.#options = options;
  }

  /** The next lines; none where there are none for now. `bytes` is how many were read for them. */
  async read(): Promise<{ readonly lines: readonly string[]; readonly bytes: number }> {
    if (this.#kept.length > 0) {
      const lines = this.#kept;
      this.#kept = [];
      return { lines, bytes: 0 };
    }
    try {
      return await this.#read();
    } catch (error) {
      if (error instanceof PipelineError) throw error;
      throw this.#failed(`the file could not be read: ${(error as Error).message}`, "see whether it is a file that may be read", error);
    }
  }

  async #read(): Promise<{ readonly lines: readonly string[]; readonly bytes: number }> {
    this.#hasChanged = false;
    for (let bytes = 0; ;) {
      if (this.#file === undefined && !(await this.#open())) return { lines: [], bytes };
      const { bytesRead } = await this.#file!.read(this.#block, 0, BLOCK, this.#offset);
      if (bytesRead === 0) {
        const next = await this.#whatNext();
        if (next === "wait") return { lines: [], bytes };
        const rest = next === "readOn" ? [] : this.#lines.end();
        if (rest.length > 0) return { lines: rest, bytes };
        continue;
      }
      this.#offset += bytesRead;
      bytes += bytesRead;
      const lines = this.#lines.take(this.#block.subarray(0, bytesRead));
      if (this.#lines.begunBytes > this.#options.maxLineBytes) {
        throw this.#failed(`a line is longer than ${this.#options.maxLineBytes} bytes`, "raise maxLineBytes, or let lines end", undefined);
      }
      if (lines.length > 0) return { lines, bytes };
    }
  }

  /** Answers whether the file is there. What is there at the first look may be passed over; what comes later is all read. */
  async #open(): Promise<boolean> {
    const isFirst = !this.#hasBegun;
    this.#hasBegun = true;
    try {
      this.#file = await open(this.#options.path);
    } catch (error) {
      if (isMissing(error)) return false;
      throw error;
    }
    const found = await this.#file.stat();
    this.#identity = identityOf(found);
    this.#offset = isFirst && this.#options.startsAtEnd ? found.size : 0;
    return true;
  }

  /** At the end of what is there: the name may be another file by now, or there may be less than was read. */
  async #whatNext(): Promise<"wait" | "readOn" | "beginAgain"> {
    let found;
    try {
      found = await stat(this.#options.path);
    } catch (error) {
      if (isMissing(error)) return "wait"; // who still writes to it is still read
      throw error;
    }
    if (identityOf(found) !== this.#identity) {
      if ((await this.backlog()) > 0) return "readOn"; // written before the other one came
      await this.#letGo();
      return "beginAgain";
    }
    if (found.size >= this.#offset) return "wait";
    this.#offset = 0;
    return "beginAgain";
  }

  /** Lines that were not to be given out yet. */
  putBack(lines: readonly string[]): void {
    this.#kept = lines;
  }

  /** How many bytes there are that were not read. */
  async backlog(): Promise<number> {
    const size = await this.#file?.stat().then((found) => found.size);
    return size === undefined ? 0 : Math.max(0, size - this.#offset);
  }

  /** Calls back when the file may have changed, as far as the system tells of it, until the returned function is called. */
  onChange(notify: () => void): () => void {
    this.#notify = notify;
    this.#watcher ??= this.#watch();
    if (this.#hasChanged) notify();
    return () => {
      this.#notify = () => {};
    };
  }

  /** The folder is watched, since the file may be another one tomorrow. Where that cannot be watched, it is only looked at. */
  #watch(): FSWatcher | undefined {
    const { path } = this.#options;
    try {
      const watcher = watch(dirname(path), { persistent: false }, (_, name) => {
        if (name !== null && name !== basename(path)) return;
        this.#hasChanged = true;
        this.#notify();
      });
      watcher.on("error", () => watcher.close());
      return watcher;
    } catch {
      return undefined;
    }
  }

  async close(): Promise<void> {
    this.#watcher?.close();
    this.#watcher = undefined;
    await this.#letGo();
  }

  async #letGo(): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    await file?.close();
  }

  #failed(what: string, fix: string, cause: unknown): PipelineError {
    return new PipelineError("READ_FAILED", { what, at: this.#options.path, fix, cause });
  }
}

const identityOf = ({ dev, ino }: { readonly dev: number; readonly ino: number }): string => `${dev} ${ino}`;

const isMissing = (error: unknown): boolean => (error as NodeJS.ErrnoException).code === "ENOENT";
