import { appendFileSync, chmodSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { expect, test } from "vitest";
import { textSource } from "../../io/text/read-text.ts";
import { content, smallSizes, stops } from "./support/arbitraries.ts";
import { campaign } from "./support/campaign.ts";
import { errorOf } from "./support/errors.ts";
import { filesIn, temporaryFolder, withoutRights } from "./support/files.ts";
import { readAll, readStopped, readUpTo } from "./support/trackers.ts";
import { sourceContext } from "../support/source-context.ts";

const folder = temporaryFolder();
const file = filesIn(folder);

/** Lines from scratch: an end is LF or CRLF, a byte order mark at the start is none of the text. */
function linesIn(text: string): readonly string[] {
  const lines = text.replace(/^\uFEFF/, "").split(/\r?\n/);
  return lines.at(-1) === "" ? lines.slice(0, -1) : lines;
}

test("every line is read once and in order, however the file is split, read and stopped", async () => {
  await fc.assert(
    fc.asyncProperty(content, smallSizes, fc.integer({ min: 1, max: 50 }), stops, async (text, sizes, parts, stopped) => {
      const source = textSource(file(text, "property.txt"), {}, sizes);
      const lines: string[] = [];
      for (const part of await source.split(await source.restriction(sourceContext), parts))
        lines.push(...(await readStopped(source, part, stopped)));
      expect(lines).toEqual(linesIn(text));
    }),
    campaign(600),
  );
});

test("a file in gzip is one part and gives the same lines, also when it has several members", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(content, { minLength: 1, maxLength: 3 }), smallSizes, stops, async (texts, sizes, stopped) => {
      const source = textSource(file(Buffer.concat(texts.map((text) => gzipSync(text))), "property.txt.gz"), {}, sizes);
      const parts = await source.split(await source.restriction(sourceContext), 4);
      expect(parts).toHaveLength(1);
      expect(await readStopped(source, parts[0]!, stopped)).toEqual(linesIn(texts.join("")));
    }),
    campaign(150),
  );
});

test("the sizes that are used give the same lines as small ones", async () => {
  const line = (i: number): string => "é€😀 text".repeat(i % 40) + i;
  const lines = Array.from({ length: 30_000 }, (_, i) => line(i));
  const text = lines.join("\n");
  expect(await readAll(textSource(file(text)), 3)).toEqual(lines);
  expect(await readAll(textSource(file(gzipSync(text), "large.gz")))).toEqual(lines);
});

test("a line may be longer than all that is read at once", async () => {
  const lines = ["short", "long".repeat(500_000), "", "short"];
  expect(await readAll(textSource(file(lines.join("\r\n"))), 7)).toEqual(lines);
});

test("files are split into parts of about one size, none of them small", async () => {
  const large = file(Buffer.alloc(5_000_000, "line of text\n"));
  const small = file("a\n");
  const source = textSource([large, small, file("")]);
  const parts = await source.split(await source.restriction(sourceContext), 4);
  expect(parts.map(({ from, to }) => [from, to])).toEqual([
    [0, 1_250_000],
    [1_250_000, 2_500_000],
    [2_500_000, 3_750_000],
    [3_750_000, 5_000_000],
    [0, 2],
  ]);
  expect(await source.split(await source.restriction(sourceContext), 1_000)).toHaveLength(6);
  expect(await source.restriction(sourceContext)).toMatchObject({ from: 0, to: 5_000_002 });
});

test("timestampOf gives the event time of each line", async () => {
  const source = textSource(file("1\n22\n333\n"), { timestampOf: (line) => line.length - 2 });
  const [part] = await source.split(await source.restriction(sourceContext), 1);
  expect((await readUpTo(source, part!)).timestamps).toEqual([-1, 0, 1]);
  expect((await readUpTo(source, part!, 2)).timestamps).toEqual([-1, 0]);
});

test.each([Number.NaN, Infinity, 0.5, "1" as unknown as number])(
  "the time %s is no instant, and the error says for which line",
  async (time) => {
    const path = file("one\ntwo\nthree\n");
    const error = await errorOf(() => readAll(textSource(path, { timestampOf: (line) => (line === "two" ? time : 0) })));
    expect(error.code).toBe("BAD_TIMESTAMP");
    expect(error.parts.at).toBe(`${path}, line 2 (byte 4)`);
    expect(error.parts.got).toContain('for "two"');
  },
);

test("what timestampOf throws is the cause of the error", async () => {
  const thrown = new RangeError("no date");
  const timestampOf = (): number => {
    throw thrown;
  };
  const error = await errorOf(() => readAll(textSource(file("one\n"), { timestampOf })));
  expect(error.code).toBe("BAD_TIMESTAMP");
  expect(error.cause).toBe(thrown);
});

test("bytes that are no UTF-8 fail the run, and the error names the file, the line and the byte", async () => {
  const path = file(Buffer.from([0x61, 0x0a, 0xc3, 0xa9, 0x0a, 0x62, 0xc3, 0x0a, 0x63]));
  const error = await errorOf(() => readAll(textSource(path, {}, { blockBytes: 100 })));
  expect(error.code).toBe("NOT_DECODABLE");
  expect(error.parts.at).toBe(`${path}, line 3 (byte 5)`);
  expect(error.parts.fix).toContain("invalidUtf8");
});

test("bytes that are no UTF-8 may be replaced", async () => {
  const path = file(Buffer.from([0x61, 0x0a, 0x62, 0xc3, 0x0a, 0xff]));
  expect(await readAll(textSource(path, { invalidUtf8: "replace" }))).toEqual(["a", "b\uFFFD", "\uFFFD"]);
});

test("a line of exactly maxLineBytes is read and a longer one is an error, however the file is read", async () => {
  await fc.assert(
    fc.asyncProperty(smallSizes, fc.constantFrom("\n", "\r\n", ""), fc.integer({ min: 0, max: 9 }), async (sizes, end, before) => {
      const start = "x".repeat(before);
      const path = file(`${start}\naé345${end}`, "limit.txt");
      expect(await readAll(textSource(path, { maxLineBytes: Math.max(6, before) }, sizes), 3)).toEqual([start, "aé345"]);
      if (before > 5) return;
      const error = await errorOf(() => readAll(textSource(path, { maxLineBytes: 5 }, sizes), 3));
      expect(error.code).toBe("READ_FAILED");
      expect(error.parts.at).toBe(`${path}, line 2 (byte ${before + 1})`);
    }),
  );
});

test("a file that grew or shrank since the run began is an error", async () => {
  const changes = [(path: string) => appendFileSync(path, "c\n"), (path: string) => truncateSync(path, 2)];
  for (const change of changes) {
    const path = file("a\nb\n");
    const source = textSource(path);
    const parts = await source.split(await source.restriction(sourceContext), 1);
    change(path);
    const error = await errorOf(() => readUpTo(source, parts[0]!));
    expect(error.code).toBe("READ_FAILED");
    expect(error.parts.at).toBe(path);
    expect(error.parts.got).toMatch(/^\d bytes, 4 when the run began$/);
  }
});

test("a file that has changed gives nothing", async () => {
  const path = file("a\nb\n");
  const source = textSource(path);
  const [part] = await source.split(await source.restriction(sourceContext), 1);
  appendFileSync(path, "c\n");
  expect((await errorOf(() => readUpTo(source, part!, 1))).code).toBe("READ_FAILED");
});

test.skipIf(process.platform === "win32")("a file that may not be opened is an error", async () => {
  const path = file("a\n");
  const source = textSource(path);
  const parts = await source.split(await source.restriction(sourceContext), 1);
  chmodSync(path, 0);
  const error = await withoutRights(() => errorOf(() => readUpTo(source, parts[0]!)));
  expect(error.code).toBe("READ_FAILED");
  expect(error.parts).toMatchObject({ at: path, fix: "let the user that runs the pipeline read it" });
});

test("a file that changes while it is read is an error", async () => {
  const path = file("a\nb\nc\nd\n".repeat(1_000));
  const source = textSource(path, {}, { readBytes: 100, blockBytes: 10 });
  const parts = await source.split(await source.restriction(sourceContext), 1);
  const tracker = { tryClaim: () => true, claimWhile: ({ length }: ArrayLike<number>) => length };
  const error = await errorOf(async () => {
    for await (const { values } of source.read(parts[0]!, tracker, sourceContext)) if (values.length > 0) truncateSync(path, 200);
  });
  expect(error.code).toBe("READ_FAILED");
});

test("a file that vanished since the run began is an error", async () => {
  const path = file("a\n");
  const source = textSource(path);
  const parts = await source.split(await source.restriction(sourceContext), 1);
  rmSync(path);
  const error = await errorOf(() => readUpTo(source, parts[0]!));
  expect(error.code).toBe("READ_FAILED");
  expect(error.message).toContain(path);
  expect(error.parts.got).toContain("ENOENT");
});

test("a file in gzip that is cut short, damaged, or not packed at all is an error", async () => {
  const packed = gzipSync("line\n".repeat(10_000));
  const damaged = Buffer.from(packed).fill(0xaa, 40, 60);
  for (const bytes of [packed.subarray(0, -20), damaged, Buffer.from("plain text\n")]) {
    const path = file(bytes, "bad.gz");
    const error = await errorOf(() => readAll(textSource(path)));
    expect(error.code).toBe("READ_FAILED");
    expect(error.parts.at).toContain(path);
    expect(error.parts.fix).toBeDefined();
  }
});

test("how a file is packed is told by its name, or by the option", async () => {
  expect(await readAll(textSource(file(gzipSync("a\n"), "packed.TXT.GZ")))).toEqual(["a"]);
  expect(await readAll(textSource(file(gzipSync("a\n"), "packed.bin"), { compression: "gzip" }))).toEqual(["a"]);
  expect(await readAll(textSource(file("a\n", "plain.gz"), { compression: "none" }))).toEqual(["a"]);
});

test("the line of a file in gzip is counted in what is in it", async () => {
  const path = file(gzipSync(Buffer.concat([Buffer.from("a\n".repeat(300_000)), Buffer.from([0xff, 0x0a])])), "invalid.gz");
  const error = await errorOf(() => readAll(textSource(path)));
  expect(error.parts.at).toBe(`${path}, line 300001 (byte 600000)`);
});

test("a read that is given up closes its file", async () => {
  const path = join(folder, "given-up.txt");
  writeFileSync(path, "a\nb\n".repeat(1_000));
  const source = textSource(path, {}, { readBytes: 100, blockBytes: 10 });
  const parts = await source.split(await source.restriction(sourceContext), 1);
  const read = source.read(parts[0]!, { tryClaim: () => true, claimWhile: ({ length }) => length }, sourceContext)[Symbol.asyncIterator]();
  await read.next();
  await read.return?.();
  expect(await read.next()).toEqual({ done: true, value: undefined });
});
