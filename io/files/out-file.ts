import { randomBytes } from "node:crypto";
import { rmSync } from "node:fs";
import { open, stat, type FileHandle } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { gzip } from "node:zlib";
import { PipelineError, shortText } from "../../sdk/errors.ts";
import { codeOf } from "./file-errors.ts";
import { makeFolder } from "./out-folder.ts";
import { isFolder, type IfExists, type WrittenFile } from "./publish.ts";
import { alreadyExists, writeFailed } from "./write-errors.ts";

const packed = (text: string): Promise<Buffer> =>
  new Promise((resolve, reject) => gzip(text, (error, bytes) => (error === null ? resolve(bytes) : reject(error))));

/** Characters that are kept until they are written at once. In gzip each such piece is packed by itself, and small ones pack badly. */
const KEPT = { plain: 262_144, gzip: 1_048_576 };

/**
 * A file that is being written beside its final place, under a hidden name. Nobody else uses that name, and a file system
 * can give a file another name at once only where both are on it.
 */
export class OutFile {
  readonly final: string;
  readonly temporary: string;
  readonly #compress: "gzip" | undefined;
  #handle: FileHandle | undefined;
  #text = "";
  #isEmpty = true;
  #isAbandoned = false;

  constructor(final: string, compress: "gzip" | undefined) {
    this.final = final;
    this.temporary = join(dirname(final), `.${basename(final).slice(0, 40)}.${process.pid}-${randomBytes(6).toString("hex")}.tmp`);
    this.#compress = compress;
  }

  /** Makes the file, after a look at what is in its place. */
  async create(ifExists: IfExists): Promise<void> {
    await makeFolder(dirname(this.final));
    await checkPlace(this.final, ifExists);
    await this.#open("wx");
  }

  /** Takes text. Answers a promise when so much was kept that it has to be written first. */
  append(text: string): void | Promise<void> {
    this.#text += text;
    if (this.#text.length >= (this.#compress === "gzip" ? KEPT.gzip : KEPT.plain)) return this.#flush();
  }

  /** Writes what is kept and gives the file handle back; `append` goes on all the same. */
  async release(): Promise<void> {
    await this.#flush();
    await this.#close();
  }

  /** Makes all of it durable. */
  async finish(): Promise<WrittenFile> {
    // Nothing at all is no gzip.
    if (this.#isEmpty && this.#compress === "gzip") await this.#write("");
    await this.#flush();
    if (this.#handle === undefined) await this.#open("a");
    await this.#doing((handle) => handle.sync());
    await this.#close();
    return { temporary: this.temporary, final: this.final };
  }

  /** Removes the file, at once. */
  abandon(): void {
    this.#isAbandoned = true;
    const handle = this.#handle;
    this.#handle = undefined;
    removeNow(this.temporary);
    handle?.close().catch(() => undefined);
  }

  async #flush(): Promise<void> {
    if (this.#text === "") return;
    const text = this.#text;
    this.#text = "";
    await this.#write(text);
  }

  async #write(text: string): Promise<void> {
    checkWellFormed(text, this.final);
    this.#isEmpty = false;
    if (this.#handle === undefined) await this.#open("a");
    const bytes = this.#compress === "gzip" ? await packed(text) : Buffer.from(text);
    await this.#doing((handle) => handle.writeFile(bytes));
  }

  async #open(flags: "wx" | "a"): Promise<void> {
    this.#mustBeKept();
    const handle = await open(this.temporary, flags).catch((error: unknown) => {
      throw writeFailed("a file cannot be made", this.final, error);
    });
    if (!this.#isAbandoned) {
      this.#handle = handle;
      return;
    }
    removeNow(this.temporary);
    await handle.close();
    this.#mustBeKept();
  }

  async #doing(act: (handle: FileHandle) => Promise<void>): Promise<void> {
    this.#mustBeKept();
    try {
      await act(this.#handle!);
    } catch (error) {
      this.#mustBeKept();
      throw writeFailed("a file cannot be written", this.final, error);
    }
    this.#mustBeKept();
  }

  async #close(): Promise<void> {
    const handle = this.#handle;
    this.#handle = undefined;
    await handle?.close().catch((error: unknown) => {
      throw writeFailed("a file cannot be written", this.final, error);
    });
  }

  #mustBeKept(): void {
    if (this.#isAbandoned) throw new PipelineError("CANCELLED", { what: "the run ended while a file was written", at: this.final });
  }
}

async function checkPlace(final: string, ifExists: IfExists): Promise<void> {
  const there = await stat(final).catch((error: unknown) => {
    if (codeOf(error) === "ENOENT") return undefined;
    throw writeFailed("a file cannot be looked up", final, error);
  });
  if (there === undefined) return;
  if (there.isDirectory()) throw isFolder(final);
  if (ifExists === "error") throw alreadyExists(final);
  if (there.isFile()) return;
  throw new PipelineError("WRITE_FAILED", {
    what: "what is to be replaced is no regular file",
    at: final,
    fix: "write to a file and copy it there: publishing would put a plain file in the place of the device or pipe",
  });
}

function removeNow(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // Nobody could be told: the run is over, and has an error of its own.
  }
}

/** UTF-8 has no form for half a character; Node would write U+FFFD in its place without a word. */
function checkWellFormed(text: string, path: string): void {
  if ((text as unknown as { isWellFormed: () => boolean }).isWellFormed()) return;
  const line = text.split("\n").find((each) => /\p{Surrogate}/u.test(each));
  throw new PipelineError("NOT_ENCODABLE", {
    what: "a line has half a surrogate pair, which UTF-8 has no form for",
    at: path,
    got: shortText(line),
    fix: "cut text between characters and not between its UTF-16 units, or call toWellFormed() on it",
  });
}
