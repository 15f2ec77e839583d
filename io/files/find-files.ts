import * as fs from "node:fs";
import { access, constants, readdir, stat } from "node:fs/promises";
import { isAbsolute, join, resolve } from "node:path";
import { glob, isDynamicPattern } from "tinyglobby";
import { PipelineError } from "../../sdk/errors.ts";
import { codeOf, readFailed } from "./file-errors.ts";
import { isGzipFile, type Compression, type FoundFile } from "./found-file.ts";

/**
 * The files behind paths, each of which names a file, a folder (its own files, without hidden ones and without those in folders
 * below), or a glob. A path that exists is taken as it is, whatever characters it has. A file is listed once, however often it
 * is named.
 *
 * @throws PipelineError `NO_FILES` for a path that leads to none, `READ_FAILED` for what may not be read, each naming the path
 * as it was given.
 */
export async function findFiles(paths: string | readonly string[], compression: Compression): Promise<readonly FoundFile[]> {
  const given = typeof paths === "string" ? [paths] : paths;
  if (given.length === 0) throw noFiles("the list of files to read is empty", undefined, "give at least one path");
  const found = new Map<string, FoundFile>();
  for (const path of given) {
    for (const file of await filesAt(path, compression)) {
      const key = resolve(file.path);
      if (!found.has(key)) found.set(key, file);
    }
  }
  return [...found.values()];
}

async function filesAt(given: string, compression: Compression): Promise<readonly FoundFile[]> {
  const stats = await statOf(given);
  if (stats?.isDirectory() === true) return sized(await filesInFolder(given), given, compression);
  if (stats !== undefined) return sized([given], given, compression);
  if (isDynamicPattern(given)) return sized(await filesOfGlob(given), given, compression);
  throw noFiles("there is no such file", given, "check the path; it is relative to the folder that the pipeline is started in");
}

async function statOf(path: string): Promise<fs.Stats | undefined> {
  try {
    return await stat(path);
  } catch (error) {
    const code = codeOf(error);
    if (code === "ENOENT" || code === "ENOTDIR" || (code === "ENAMETOOLONG" && isDynamicPattern(path))) return undefined;
    throw readFailed("a file cannot be looked up", path, error);
  }
}

async function filesInFolder(folder: string): Promise<readonly string[]> {
  const names = await readdir(folder).catch((error: unknown) => {
    throw readFailed("a folder cannot be read", folder, error);
  });
  const paths = names.filter((name) => !name.startsWith(".")).map((name) => join(folder, name));
  const isFile = await Promise.all(paths.map(async (path) => (await statOf(path))?.isFile() === true));
  const files = paths.filter((_, i) => isFile[i]).toSorted();
  if (files.length > 0) return files;
  throw noFiles("a folder has no files of its own", folder, `to read those in the folders below it, give ${join(folder, "**")}`);
}

async function filesOfGlob(pattern: string): Promise<readonly string[]> {
  const unread: Error[] = [];
  const files = await glob(process.platform === "win32" ? pattern.replaceAll("\\", "/") : pattern, {
    absolute: isAbsolute(pattern),
    expandDirectories: false,
    fs: { readdir: reporting(unread) },
  });
  if (unread[0] !== undefined) throw readFailed("a folder that a glob leads through cannot be read", pattern, unread[0]);
  if (files.length > 0) return files.toSorted();
  throw noFiles("no file matches a glob", pattern, "check the pattern; * does not match names that start with a dot");
}

/** The glob passes over folders that it cannot read, and the result would lack their files without a word. */
function reporting(unread: Error[]): typeof fs.readdir {
  const readdir = (path: fs.PathLike, options: object, done: (error: Error | null, entries: unknown) => void) =>
    fs.readdir(path, options as { withFileTypes: true }, (error, entries) => {
      if (error !== null && error.code !== "ENOENT") unread.push(error);
      done(error, entries);
    });
  return readdir as unknown as typeof fs.readdir;
}

const sized = (paths: readonly string[], given: string, compression: Compression): Promise<readonly FoundFile[]> =>
  Promise.all(paths.map((path) => sizedFile(path, given, compression)));

async function sizedFile(path: string, given: string, compression: Compression): Promise<FoundFile> {
  const named = path === given ? path : `${path} (of ${given})`;
  const stats = await stat(path).catch((error: unknown) => {
    throw readFailed("a file cannot be looked up", named, error);
  });
  if (!stats.isFile()) {
    throw new PipelineError("READ_FAILED", {
      what: "what is to be read is no regular file",
      at: named,
      fix: "write what it gives to a file first: a part of a file must be there to be read again",
    });
  }
  await access(path, constants.R_OK).catch((error: unknown) => {
    throw readFailed("a file cannot be opened", named, error);
  });
  return { path, sizeBytes: stats.size, isGzip: isGzipFile(path, compression) };
}

const noFiles = (what: string, at: string | undefined, fix: string): PipelineError => new PipelineError("NO_FILES", { what, at, fix });
