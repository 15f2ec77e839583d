import type { BigIntStats } from "node:fs";
import * as fs from "node:fs/promises";
import { dirname } from "node:path";
import { PipelineError } from "../../sdk/errors.ts";
import { codeOf } from "./file-errors.ts";
import { syncFolder } from "./out-folder.ts";
import { alreadyExists, writeFailed } from "./write-errors.ts";

/** What becomes of a file that is there already: the run fails, or the file is replaced when all is written. */
export type IfExists = "error" | "replace";

/** A file that is written and on disk, under a name that nobody looks for. */
export interface WrittenFile {
  readonly temporary: string;
  /** The name it gets. */
  readonly final: string;
}

/** Gives a file one more name; fails when there is a file of that name. Tests have one for disks without links. */
export type Link = (existing: string, added: string) => Promise<void>;

/**
 * Gives written files their final names, each at once and whole. Called again with the same files it goes on where it was
 * stopped: a file whose temporary name is gone has its final one.
 *
 * All files are looked at before the first one is published, so that what can be known to fail publishes nothing.
 */
export async function publish(files: readonly WrittenFile[], ifExists: IfExists, link: Link = fs.link): Promise<void> {
  const waiting: WrittenFile[] = [];
  for (const file of files) if (await isWaiting(file, ifExists)) waiting.push(file);
  const published: string[] = [];
  const inodes = new Set<string>();
  for (const file of waiting) {
    await publishOne(file, ifExists, inodes, link).catch((error: unknown) => {
      throw published.length === 0 ? error : halfDone(error, published, waiting.length);
    });
    published.push(file.final);
  }
  for (const folder of new Set(files.map(({ final }) => dirname(final)))) {
    await syncFolder(folder).catch((error: unknown) => {
      throw writeFailed("the names of files cannot be made durable", folder, error);
    });
  }
}

/** Whether a file has yet to be published; throws when it cannot be. */
async function isWaiting({ temporary, final }: WrittenFile, ifExists: IfExists): Promise<boolean> {
  const [written, there] = [await statsOf(temporary), await statsOf(final)];
  if (written === undefined && there === undefined) {
    throw new PipelineError("WRITE_FAILED", {
      what: "a file was written and is gone before it got its name",
      at: final,
      got: `no file ${temporary}`,
      fix: "let nothing remove the hidden files in that folder while a pipeline runs, and run it again",
    });
  }
  if (written === undefined) return false;
  if (there?.isDirectory() === true) throw isFolder(final);
  if (there !== undefined && ifExists === "error" && !isSame(written, there)) throw alreadyExists(final);
  return true;
}

async function publishOne({ temporary, final }: WrittenFile, ifExists: IfExists, inodes: Set<string>, link: Link): Promise<void> {
  try {
    if (ifExists === "error") await linkNew(temporary, final, link);
    else await replace(temporary, final, inodes);
  } catch (error) {
    if (error instanceof PipelineError) throw error;
    throw writeFailed("a file cannot be given its name", final, error);
  }
}

/** A rename would replace a file that came since it was looked at; a link fails then. */
async function linkNew(temporary: string, final: string, link: Link): Promise<void> {
  try {
    await link(temporary, final);
  } catch (error) {
    const code = codeOf(error);
    if (code === "EEXIST") {
      if (!isSame(await statsOf(temporary), await statsOf(final))) throw alreadyExists(final);
    } else if (code !== undefined && WITHOUT_LINKS.has(code)) {
      // Some file systems have no links. Between these two calls another file may come and be replaced.
      if ((await statsOf(final)) !== undefined) throw alreadyExists(final);
      return fs.rename(temporary, final);
    } else {
      throw error;
    }
  }
  await fs.rm(temporary, { force: true });
}

const WITHOUT_LINKS: ReadonlySet<string> = new Set(["EPERM", "ENOSYS", "ENOTSUP", "EOPNOTSUPP", "EMLINK", "UNKNOWN"]);

/** Two names may be one file where case or the form of an accent does not count; the second would replace the first. */
async function replace(temporary: string, final: string, inodes: Set<string>): Promise<void> {
  const there = await statsOf(final);
  if (there !== undefined && inodes.has(idOf(there))) {
    throw new PipelineError("WRITE_FAILED", {
      what: "two files of one run have names that are the same on this disk",
      at: final,
      fix: "give names that differ in more than upper and lower case or the form of their accents",
    });
  }
  await fs.rename(temporary, final);
  const now = await statsOf(final);
  if (now !== undefined) inodes.add(idOf(now));
}

async function statsOf(path: string): Promise<BigIntStats | undefined> {
  try {
    return await fs.lstat(path, { bigint: true });
  } catch (error) {
    const code = codeOf(error);
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    throw writeFailed("a file cannot be looked up", path, error);
  }
}

const idOf = ({ dev, ino }: BigIntStats): string => `${dev}:${ino}`;

const isSame = (a: BigIntStats | undefined, b: BigIntStats | undefined): boolean =>
  a !== undefined && b !== undefined && idOf(a) === idOf(b);

/** The error for a file that is to have the name of a folder. */
export const isFolder = (path: string): PipelineError =>
  new PipelineError("WRITE_FAILED", { what: "the file to be written is a folder", at: path, fix: "add the name of a file to the path" });

function halfDone(error: unknown, published: readonly string[], count: number): unknown {
  const parts = error instanceof PipelineError ? error.parts : { what: String(error), cause: error };
  const code = error instanceof PipelineError ? error.code : "WRITE_FAILED";
  const shown = published.slice(0, 10).join(", ") + (published.length > 10 ? ", …" : "");
  return new PipelineError(code, {
    ...parts,
    got: [parts.got, `published before: ${published.length} of ${count} files: ${shown}`].filter(Boolean).join("; "),
  });
}
