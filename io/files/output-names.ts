import { basename, dirname, extname, join } from "node:path";
import { PipelineError, shortText } from "../../sdk/errors.ts";

/** The name of one shard: `out.txt` and 3 shards give `out-00000-of-00003.txt`, `out.txt.gz` gives `out-00000-of-00003.txt.gz`. */
export function shardName(path: string, shard: number, shards: number): string {
  const name = basename(path);
  const extension = extensionOf(name);
  const stem = name.slice(0, name.length - extension.length);
  return join(dirname(path), `${stem}-${fiveDigits(shard)}-of-${fiveDigits(shards)}${extension}`);
}

function extensionOf(name: string): string {
  const last = extname(name);
  return last.toLowerCase() === ".gz" ? extname(name.slice(0, -last.length)) + last : last;
}

const fiveDigits = (n: number): string => String(n).padStart(5, "0");

/**
 * A path below a folder, from a name that data gave. Such a name may have folders of its own, and leads nowhere else.
 *
 * @throws PipelineError `BAD_NAME` for anything but a relative path that goes down only.
 */
export function pathBelow(folder: string, name: unknown, isWindows = process.platform === "win32"): string {
  if (typeof name === "string" && isBelow(name, isWindows)) return join(folder, name);
  throw new PipelineError("BAD_NAME", {
    what: "fileOf gave a name that leads out of its folder, or is none",
    at: folder,
    got: shortText(name),
    fix: "return a relative path without .. and without empty parts, such as 2024/may.txt",
  });
}

function isBelow(name: string, isWindows: boolean): boolean {
  // A colon there names a drive, or a hidden stream of a file.
  if (name.includes("\0") || (isWindows && name.includes(":"))) return false;
  return name.split(isWindows ? /[/\\]/ : "/").every((part) => part !== "" && part !== "." && part !== "..");
}
