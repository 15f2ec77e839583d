import { createReadStream } from "node:fs";
import { open, type FileHandle } from "node:fs/promises";
import { createGunzip } from "node:zlib";
import { PipelineError } from "../../sdk/errors.ts";
import { readFailed } from "./file-errors.ts";
import type { FoundFile } from "./found-file.ts";

/** Gives the bytes of a file one after the other. */
export interface ByteReader {
  /** Puts up to `length` of the next bytes into the buffer, from `at` on; answers how many, 0 at the end of the file. */
  readonly read: (buffer: Buffer, at: number, length: number) => Promise<number>;
  /** Throws `READ_FAILED` when the file has changed since the run began. */
  readonly check: () => Promise<void>;
  /** Lets the file go. */
  readonly close: () => Promise<void>;
}

/** Opens a file to be read from a byte on. In gzip the byte is one of what is in it, and all before it is unpacked too. */
export async function openBytes(file: FoundFile, from: number): Promise<ByteReader> {
  const handle = await openUnchanged(file);
  return file.isGzip ? unpacked(file, handle, from) : plain(file, handle, from);
}

async function openUnchanged(file: FoundFile): Promise<FileHandle> {
  const handle = await open(file.path).catch((error: unknown) => {
    throw readFailed("a file cannot be opened", file.path, error);
  });
  try {
    await checkSize(file, handle);
    return handle;
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/** Parts of one file that were cut by its old size would lose or repeat lines of the new one. */
async function checkSize({ path, sizeBytes }: FoundFile, handle: FileHandle): Promise<void> {
  const { size } = await handle.stat();
  if (size === sizeBytes) return;
  throw new PipelineError("READ_FAILED", {
    what: "a file changed while it was read",
    at: path,
    got: `${size} bytes, ${sizeBytes} when the run began`,
    fix: "leave the input alone while a pipeline reads it, or read a copy",
  });
}

function plain(file: FoundFile, handle: FileHandle, from: number): ByteReader {
  let position = from;
  return {
    async read(buffer, at, length) {
      try {
        const { bytesRead } = await handle.read(buffer, at, length, position);
        position += bytesRead;
        return bytesRead;
      } catch (error) {
        throw readFailed("a file cannot be read", `${file.path}, byte ${position}`, error);
      }
    },
    check: () => checkSize(file, handle),
    close: () => handle.close(),
  };
}

/** Bytes that gunzip gives at once. */
const UNPACKED_BYTES = 131_072;

function unpacked(file: FoundFile, handle: FileHandle, from: number): ByteReader {
  const packed = createReadStream("", { fd: handle, autoClose: false, start: 0, highWaterMark: UNPACKED_BYTES });
  const gunzip = createGunzip({ chunkSize: UNPACKED_BYTES });
  packed.on("error", (error) => gunzip.destroy(error));
  packed.pipe(gunzip);
  const chunks = gunzip[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  let chunk: Buffer = Buffer.alloc(0);
  let position = 0;

  async function more(): Promise<boolean> {
    try {
      const next = await chunks.next();
      if (next.done === true) return false;
      chunk = next.value;
      return true;
    } catch (error) {
      throw readFailed("a file in gzip cannot be unpacked", `${file.path}, byte ${position} of what is in it`, error);
    }
  }

  return {
    async read(buffer, at, length) {
      while (chunk.length === 0 || position < from) {
        const skipped = Math.min(chunk.length, from - position);
        position += Math.max(skipped, 0);
        chunk = chunk.subarray(Math.max(skipped, 0));
        if (chunk.length === 0 && !(await more())) return 0;
      }
      const taken = chunk.copy(buffer, at, 0, Math.min(length, chunk.length));
      chunk = chunk.subarray(taken);
      position += taken;
      return taken;
    },
    check: () => checkSize(file, handle),
    async close() {
      packed.destroy();
      gunzip.destroy();
      await handle.close();
    },
  };
}
