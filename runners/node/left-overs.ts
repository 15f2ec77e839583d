import { createHash, randomUUID } from "node:crypto";
import { readFileSync, readlinkSync } from "node:fs";
import { readdir, rm } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";

const PREFIX = "millrace-run";

/**
 * The name of a folder that nobody else has, and that says whose it is: the space of processes that numbers are given in, the number of the process,
 * and when it began, since numbers are given anew.
 */
export function folderName(): string {
  own ??= [PREFIX, ownSpace(), process.pid, startOf("self") ?? ""].join("_");
  return `${own}_${randomUUID()}`;
}

/** What is the same in all names that this process gives. */
let own: string | undefined;

/** Removes the folders of processes that are gone. Those of another machine or container, and those of others, stay. */
export async function removeLeftOvers(parent: string): Promise<void> {
  const names = await readdir(parent).catch(() => []);
  const left = names.filter((name) => {
    const [prefix, space, pid, start] = name.split("_");
    return prefix === PREFIX && space === ownSpace() && !isRunning(Number(pid), start);
  });
  await Promise.all(left.map((name) => rm(join(parent, name), { recursive: true, force: true }).catch(() => {})));
}

function isRunning(pid: number, start: string | undefined): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== "ESRCH";
  }
  const since = startOf(pid);
  return since === undefined || start === "" || since === start;
}

/** When a process began, in the system's own measure; nothing where the system does not say it. */
function startOf(pid: number | "self"): string | undefined {
  try {
    // The name of the program is in brackets, and may have blanks.
    const [, fields] = readFileSync(`/proc/${pid}/stat`, "latin1").split(/\) (?!.*\) )/s);
    return fields?.split(" ")[19];
  } catch {
    return undefined;
  }
}

/** Tells machines and containers apart, whose processes have the same numbers. */
function ownSpace(): string {
  let space = "";
  try {
    space = readlinkSync("/proc/self/ns/pid");
  } catch {
    // Systems without containers have one such space.
  }
  return createHash("sha256").update(`${hostname()} ${space}`).digest("hex").slice(0, 8);
}
