import { mkdir, open } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { writeFailed } from "./write-errors.ts";

/** Makes a folder and those above it, as far as they are missing, so that they outlive a power cut. */
export async function makeFolder(folder: string): Promise<void> {
  try {
    const first = await mkdir(folder, { recursive: true });
    if (first !== undefined) await syncAbove(resolve(folder), resolve(first));
  } catch (error) {
    throw writeFailed("a folder cannot be made", folder, error);
  }
}

/** Makes the names of new folders durable, each of which stands in the one above it. */
async function syncAbove(last: string, first: string): Promise<void> {
  await syncFolder(dirname(last));
  if (last.length > first.length) await syncAbove(dirname(last), first);
}

/** Makes the names in a folder durable: a file that is safe on disk is lost all the same when its name is not. */
export async function syncFolder(folder: string): Promise<void> {
  // Windows opens no folder, and keeps names without being asked.
  if (process.platform === "win32") return;
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
