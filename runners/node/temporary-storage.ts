import { randomUUID } from "node:crypto";
import { closeSync, mkdirSync, openSync, readSync, rmSync, unlinkSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { getHeapStatistics } from "node:v8";
import { PipelineError, shortText } from "../../sdk/errors.ts";
import type { TemporaryFile, TemporaryStorage } from "../core/ports.ts";
import { folderName, removeLeftOvers } from "./left-overs.ts";

/** The folders of runs that are under way; whoever ends the process before them takes them along. */
const folders = new Set<string>();
const leftOversRemoved = new Map<string, Promise<void>>();

/** The temporary files of a run, in a folder of its own. Removes what runs have left behind whose process was killed. */
export function storageOfRun(parent: string = tmpdir()): TemporaryStorage {
  if (folders.size === 0) process.once("exit", removeAll);
  const folder = join(parent, folderName());
  folders.add(folder);
  let removed = leftOversRemoved.get(parent);
  if (removed === undefined) leftOversRemoved.set(parent, (removed = removeLeftOvers(parent)));
  const own = storageIn(folder);
  return {
    ...own,
    async close() {
      await own.close();
      remove(folder);
      folders.delete(folder);
      if (folders.size === 0) process.off("exit", removeAll);
      await removed;
    },
  };
}

function removeAll(): void {
  for (const folder of folders) remove(folder);
}

/** What cannot be removed now is, by the next run of another process. */
function remove(folder: string): void {
  try {
    rmSync(folder, { recursive: true, force: true });
  } catch {
    // There is no such folder, since none could be made.
  }
}

/** The temporary files of one thread of a run, in the folder of the run. */
export function storageIn(folder: string): TemporaryStorage {
  const ending = new Set<OwnFile>();
  return {
    folder,
    heapLimit: getHeapStatistics().heap_size_limit,
    open(outlivesRun) {
      const file = new OwnFile(folder, () => ending.delete(file));
      if (!outlivesRun) ending.add(file);
      return file;
    },
    // oxlint-disable-next-line typescript/require-await
    async close() {
      for (const file of ending) file.close();
    },
  };
}

/** What is written is collected up to so many bytes. */
const BUFFER_BYTES = 512 * 1_024;

/** Closes files that nobody has in hand any more. */
const forgotten = new FinalizationRegistry<number>((descriptor) => closeSync(descriptor));

/**
 * A file without a name: it is taken from its folder as soon as it is open, so that the system frees it when the process ends, in whatever
 * way that happens. Where files that are open cannot be removed it goes with the folder.
 */
class OwnFile implements TemporaryFile {
  readonly #folder: string;
  readonly #descriptor: number;
  readonly #onClose: () => void;
  /** What is to be written, and how much it is. */
  #buffered: Uint8Array[] = [];
  #bufferedBytes = 0;
  /** How many bytes are on disk. */
  #written = 0;
  #isOpen = true;

  constructor(folder: string, onClose: () => void) {
    this.#folder = folder;
    this.#onClose = onClose;
    this.#descriptor = this.#tried("made", () => opened(folder));
    forgotten.register(this, this.#descriptor, this);
  }

  append(bytes: Uint8Array): number {
    const at = this.#written + this.#bufferedBytes;
    this.#buffered.push(bytes);
    this.#bufferedBytes += bytes.length;
    if (this.#bufferedBytes >= BUFFER_BYTES) this.#flush();
    return at;
  }

  read(at: number, length: number): Uint8Array {
    this.#flush();
    return this.#tried("read", () => {
      const bytes = new Uint8Array(length);
      for (let done = 0; done < length;) {
        const count = readSync(this.#descriptor, bytes, done, length - done, at + done);
        if (count === 0) throw new Error(`it ends at ${at + done}`);
        done += count;
      }
      return bytes;
    });
  }

  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#buffered = [];
    this.#onClose();
    forgotten.unregister(this);
    closeSync(this.#descriptor);
  }

  #flush(): void {
    if (this.#bufferedBytes === 0) return;
    const [first] = this.#buffered;
    const bytes = this.#buffered.length === 1 ? first! : Buffer.concat(this.#buffered);
    this.#buffered = [];
    this.#bufferedBytes = 0;
    this.#tried("written", () => {
      for (let done = 0; done < bytes.length;) {
        const count = writeSync(this.#descriptor, bytes, done, bytes.length - done, this.#written);
        done += count;
        this.#written += count;
      }
    });
  }

  #tried<A>(what: "made" | "read" | "written", work: () => A): A {
    try {
      return work();
    } catch (error) {
      throw new PipelineError("SPILL_FAILED", {
        what: `a temporary file for what does not fit into memory could not be ${what}: ${error instanceof Error ? error.message : shortText(error)}`,
        got: `the folder ${this.#folder}, and ${this.#written} bytes in the file so far`,
        fix: "make room there, or give the runner another temporaryFolder, or a larger memoryBudget",
        cause: error,
      });
    }
  }
}

function opened(folder: string): number {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, randomUUID());
  const descriptor = openSync(path, "wx+", 0o600);
  try {
    unlinkSync(path);
  } catch {
    // The folder goes with all that is in it, as the run ends.
  }
  return descriptor;
}
