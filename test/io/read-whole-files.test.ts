import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import type { Compression } from "../../io/files/found-file.ts";
import { textIn, wholeFileSource } from "../../io/text/whole-file-source.ts";
import { errorOf } from "./support/errors.ts";
import { filesIn, temporaryFolder } from "./support/files.ts";
import { readAll, readUpTo } from "./support/trackers.ts";
import { sourceContext } from "../support/source-context.ts";

const file = filesIn(temporaryFolder());

function sourceOf(paths: string | readonly string[], maxFileBytes = 1_000_000, compression: Compression = "auto") {
  return wholeFileSource({ paths, compression, maxFileBytes, elementOf: (found, bytes) => [found.path, textIn(found, bytes, "error")] });
}

test("each file is one element, also one that is empty", async () => {
  const paths = [
    file("a\nb"),
    file(""),
    file("\uFEFFé"),
    file(gzipSync("packed".repeat(100)), "packed.gz"),
    file(gzipSync(""), "empty.gz"),
  ];
  const texts = ["a\nb", "", "é", "packed".repeat(100), ""];
  expect(await readAll(sourceOf(paths), 2)).toEqual(paths.map((path, i) => [path, texts[i]]));
});

test("a read that is stopped gives the file once", async () => {
  for (const path of [file("text"), file(""), file(gzipSync("text"), "text.gz")]) {
    const source = sourceOf(path);
    const [part] = await source.split(await source.restriction(sourceContext), 1);
    const refused = await readUpTo(source, part!, 0);
    expect(refused.values).toEqual([]);
    expect((await readUpTo(source, refused.residual!, 1)).values).toHaveLength(1);
    expect((await readUpTo(source, { ...part!, from: 1 })).values).toEqual([]);
  }
});

test("a file of maxFileBytes is read and a larger one is an error", async () => {
  const path = file("12345");
  expect(await readAll(sourceOf(path, 5))).toEqual([[path, "12345"]]);
  const error = await errorOf(() => readAll(sourceOf(path, 4)));
  expect(error.code).toBe("READ_FAILED");
  expect(error.parts.at).toBe(path);
});

test("maxFileBytes counts what is unpacked, so that a small file cannot fill the memory", async () => {
  const path = file(gzipSync(Buffer.alloc(50_000_000)), "bomb.gz");
  const error = await errorOf(() => readAll(sourceOf(path, 1_000_000)));
  expect(error.parts.what).toBe("a file is larger than 1000000 bytes");
  expect(await readAll(sourceOf(file(gzipSync("12345"), "exact.gz"), 5))).toHaveLength(1);
});

test("a text that is no UTF-8 is an error that names the byte", async () => {
  const path = file(Buffer.from([0x61, 0xc3, 0xa9, 0xff, 0x61]));
  const error = await errorOf(() => readAll(sourceOf(path)));
  expect(error.code).toBe("NOT_DECODABLE");
  expect(error.parts.at).toBe(`${path}, byte 3`);
});
