import { execFileSync } from "node:child_process";
import { getEventListeners } from "node:events";
import { existsSync, linkSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { setImmediate } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { pathBelow } from "../../io/files/output-names.ts";
import { publish } from "../../io/files/publish.ts";
import { writeFailed } from "../../io/files/write-errors.ts";
import { writeText } from "../../io/text/write-text.ts";
import { errorOf } from "./support/errors.ts";
import { filesIn, temporaryFolder, withoutRights } from "./support/files.ts";
import { openOf, sinkOf, write, writtenBy } from "./support/sinks.ts";

const folder = temporaryFolder();
const file = filesIn(folder);
let folders = 0;
const newFolder = (): string => join(folder, `out-${folders++}`);
const textIn = (path: string): string => readFileSync(path, "utf8");

test("a file has its name when it is committed, and not before", async () => {
  const out = join(newFolder(), "a", "b");
  const sink = sinkOf(writeText(join(out, "out.txt")));
  const written = await writtenBy(sink, ["a", "b"], [], ["c"]);
  expect(readdirSync(out)).toEqual([expect.stringMatching(/^\.out\.txt\.\d+-[0-9a-f]+\.tmp$/)]);
  await sink.commit([written]);
  expect(readdirSync(out)).toEqual(["out.txt"]);
  expect(textIn(join(out, "out.txt"))).toBe("a\nb\nc\n");
});

test("a relative path is one from where the process was started, and missing folders are made there", async () => {
  const out = newFolder();
  const path = relative(process.cwd(), join(out, "a", "b", "out.txt"));
  expect(await write(writeText(path), ["a"])).toEqual([path]);
  expect(textIn(join(out, "a", "b", "out.txt"))).toBe("a\n");
  const names = await write(writeText(relative(process.cwd(), out), { fileOf: (line) => `${line}/${line}` }), ["x"]);
  expect(names.map(textIn)).toEqual(["x\n"]);
});

test("without elements there is an empty file, or its header and footer", async () => {
  const [empty] = await write(writeText(join(newFolder(), "out.txt")));
  expect(textIn(empty!)).toBe("");
  const [framed] = await write(writeText(join(newFolder(), "out.txt"), { header: "first", footer: "last" }));
  expect(textIn(framed!)).toBe("first\nlast\n");
  const [packed] = await write(writeText(join(newFolder(), "out.gz"), { compress: "gzip" }));
  expect(gunzipSync(readFileSync(packed!)).toString()).toBe("");
});

test("header and footer stand around the lines that lineOf makes", async () => {
  const options = { header: "word,count", footer: "end", lineOf: ([word, n]: readonly [string, number]) => `${word},${n}` };
  const [path] = await write(writeText(join(newFolder(), "out.csv"), options), [["a", 1]], [["b", 2]]);
  expect(textIn(path!)).toBe("word,count\na,1\nb,2\nend\n");
});

test("much text is written as it came, packed or not", async () => {
  const bundles = Array.from({ length: 40 }, (_, b) => Array.from({ length: 1_000 }, (__, i) => `line ${b * 1_000 + i} é€😀`.repeat(3)));
  const text = `${bundles.flat().join("\n")}\n`;
  const [plain] = await write(writeText(join(newFolder(), "out.txt")), ...bundles);
  expect(textIn(plain!)).toBe(text);
  const [packed] = await write(writeText(join(newFolder(), "out.txt.gz"), { compress: "gzip" }), ...bundles);
  expect(gunzipSync(readFileSync(packed!)).toString()).toBe(text);
  expect(statSync(packed!).size).toBeLessThan(text.length / 4);
});

test("shards are numbered files, with the extension kept", async () => {
  const out = newFolder();
  const sink = sinkOf(writeText(join(out, "part.txt.gz"), { shards: 3, compress: "gzip" }));
  expect(sink.shards).toBe(3);
  const writers = [];
  for (const shard of [0, 1, 2]) writers.push(await openOf(sink, { shard }));
  await writers[0]!.write(["a"]);
  await writers[2]!.write(["c"]);
  const written = [];
  for (const writer of writers) written.push(await writer.finish());
  await sink.commit(written);
  const names = ["part-00000-of-00003.txt.gz", "part-00001-of-00003.txt.gz", "part-00002-of-00003.txt.gz"];
  expect(readdirSync(out).toSorted()).toEqual(names);
  expect(names.map((name) => gunzipSync(readFileSync(join(out, name))).toString())).toEqual(["a\n", "", "c\n"]);
});

test.each([0, 1.5, -1, 100_000, Number.NaN])("%s shards are refused when the pipeline is built", async (shards) => {
  expect((await errorOf(() => writeText("out", { shards }))).code).toBe("BAD_ARGUMENT");
});

test("shards together with fileOf are refused when the pipeline is built", async () => {
  expect((await errorOf(() => writeText("out", { shards: 2, fileOf: (line) => line }))).code).toBe("BAD_ARGUMENT");
});

describe("a commit", () => {
  test("may be repeated, also where it was cut off", async () => {
    const out = newFolder();
    const sink = sinkOf(writeText(out, { fileOf: (line) => `${line}.txt` }));
    const written = await writtenBy(sink, ["a", "b", "c"]);
    // As after a crash: one has its name, another has both.
    await sink.commit([written.slice(0, 1)]);
    linkSync(written[1]!.temporary, written[1]!.final);
    await sink.commit([written]);
    await sink.commit([written]);
    expect(readdirSync(out).toSorted()).toEqual(["a.txt", "b.txt", "c.txt"]);
    expect(textIn(join(out, "c.txt"))).toBe("c\n");
  });

  test("that replaces may be repeated", async () => {
    const path = file("old");
    const sink = sinkOf(writeText(path, { ifExists: "replace" }));
    const written = await writtenBy(sink, ["new"]);
    expect(textIn(path)).toBe("old");
    await sink.commit([written]);
    await sink.commit([written]);
    expect(textIn(path)).toBe("new\n");
  });

  test("publishes nothing when one of its files cannot be", async () => {
    const out = newFolder();
    const sink = sinkOf(writeText(out, { fileOf: (line) => line }));
    const written = await writtenBy(sink, ["a", "b", "c"]);
    writeFileSync(join(out, "c"), "came meanwhile");
    const error = await errorOf(() => sink.commit([written]));
    expect(error.code).toBe("ALREADY_EXISTS");
    expect(error.parts.at).toBe(join(out, "c"));
    expect(readdirSync(out).filter((name) => !name.startsWith("."))).toEqual(["c"]);
    expect(textIn(join(out, "c"))).toBe("came meanwhile");
  });

  test("says what it has published when it fails half way", async () => {
    const out = newFolder();
    const sink = sinkOf(writeText(join(out, "same"), { ifExists: "replace" }));
    const written = [await writtenBy(sink, ["a"]), await writtenBy(sink, ["b"])];
    const error = await errorOf(() => sink.commit(written));
    expect(error.code).toBe("WRITE_FAILED");
    expect(error.parts.got).toContain(`published before: 1 of 2 files: ${join(out, "same")}`);
    expect(textIn(join(out, "same"))).toBe("a\n");
  });

  test("fails when a written file is gone", async () => {
    const sink = sinkOf(writeText(join(newFolder(), "out.txt")));
    const written = await writtenBy(sink, ["a"]);
    rmSync(written[0]!.temporary);
    expect((await errorOf(() => sink.commit([written]))).code).toBe("WRITE_FAILED");
  });

  test("never replaces a file that came at the last moment, with links or without", async () => {
    for (const code of [undefined, "ENOSYS"]) {
      const out = newFolder();
      const sink = sinkOf(writeText(join(out, "out.txt")));
      const written = await writtenBy(sink, ["ours"]);
      const link = async (from: string, to: string): Promise<void> => {
        writeFileSync(to, "theirs");
        if (code !== undefined) throw Object.assign(new Error("no links here"), { code });
        linkSync(from, to);
      };
      expect((await errorOf(() => publish(written, "error", link))).code).toBe("ALREADY_EXISTS");
      expect(textIn(join(out, "out.txt"))).toBe("theirs");
    }
  });

  test("renames where there are no links", async () => {
    const out = newFolder();
    const sink = sinkOf(writeText(join(out, "out.txt")));
    const written = await writtenBy(sink, ["a"]);
    await publish(written, "error", () => Promise.reject(Object.assign(new Error("no links here"), { code: "EPERM" })));
    expect(readdirSync(out)).toEqual(["out.txt"]);
  });
});

describe("what is in the place of a file is looked at when the file is begun:", () => {
  test("a file is kept, unless it may be replaced", async () => {
    const path = file("old");
    const error = await errorOf(() => openOf(sinkOf(writeText(path))));
    expect(error.code).toBe("ALREADY_EXISTS");
    expect(error.parts.fix).toContain("replace");
    expect(textIn(path)).toBe("old");
  });

  test("a folder is kept", async () => {
    for (const ifExists of ["error", "replace"] as const) {
      const error = await errorOf(() => openOf(sinkOf(writeText(folder, { ifExists }))));
      expect(error.parts.what).toContain("folder");
    }
  });

  test.skipIf(process.platform === "win32")("a device is kept", async () => {
    for (const ifExists of ["error", "replace"] as const) await errorOf(() => openOf(sinkOf(writeText("/dev/null", { ifExists }))));
    expect(statSync("/dev/null").isCharacterDevice()).toBe(true);
  });

  test("a link to nowhere is kept, unless it may be replaced", async () => {
    const path = join(newFolder(), "link");
    mkdirSync(join(path, ".."), { recursive: true });
    symlinkSync("nowhere", path);
    expect((await errorOf(() => write(writeText(path), ["a"]))).code).toBe("ALREADY_EXISTS");
    await write(writeText(path, { ifExists: "replace" }), ["a"]);
    expect(textIn(path)).toBe("a\n");
  });

  test("a path through a file is an error that says so", async () => {
    const error = await errorOf(() => openOf(sinkOf(writeText(join(file("a"), "below", "out.txt")))));
    expect(error.code).toBe("WRITE_FAILED");
    expect(error.parts.fix).toContain("not a folder");
  });

  test.skipIf(process.platform === "win32")("a folder that may not be written is an error that says so", async () => {
    const out = newFolder();
    mkdirSync(out, { mode: 0o555 });
    const error = await withoutRights(() => errorOf(() => openOf(sinkOf(writeText(join(out, "out.txt"))))));
    expect(error.code).toBe("WRITE_FAILED");
    expect(error.message).toContain(join(out, "out.txt"));
    expect(error.parts.fix).toContain("write there");
  });
});

describe("when the run is aborted", () => {
  test("what was written is gone at once, and nothing more is written", async () => {
    const out = newFolder();
    const abort = new AbortController();
    const writer = await openOf(sinkOf(writeText(join(out, "out.txt"))), { signal: abort.signal });
    await writer.write(["a".repeat(1_000_000)]);
    const writing = errorOf(() => writer.write(["b".repeat(1_000_000)]));
    abort.abort();
    expect(readdirSync(out)).toEqual([]);
    expect((await writing).code).toBe("CANCELLED");
    expect((await errorOf(() => writer.finish())).code).toBe("CANCELLED");
    expect(readdirSync(out)).toEqual([]);
  });

  test("after finish, the files are gone too", async () => {
    const out = newFolder();
    const abort = new AbortController();
    const writer = await openOf(sinkOf(writeText(out, { fileOf: (line) => line })), { signal: abort.signal });
    await writer.write(["a", "b"]);
    await writer.finish();
    abort.abort();
    expect(readdirSync(out)).toEqual([]);
  });

  test("what has been committed stays", async () => {
    const path = join(newFolder(), "out.txt");
    const abort = new AbortController();
    const sink = sinkOf(writeText(path));
    const writer = await openOf(sink, { signal: abort.signal });
    await sink.commit([await writer.finish()]);
    abort.abort();
    expect(existsSync(path)).toBe(true);
  });

  test("all shards are gone, and one listener was enough for them", async () => {
    const out = newFolder();
    const abort = new AbortController();
    const sink = sinkOf(writeText(join(out, "out.txt"), { shards: 20 }));
    for (let shard = 0; shard < 20; shard++) await openOf(sink, { shard, signal: abort.signal });
    expect(readdirSync(out)).toHaveLength(20);
    expect(getEventListeners(abort.signal, "abort")).toHaveLength(1);
    abort.abort();
    expect(readdirSync(out)).toEqual([]);
  });

  test("no file is begun any more", async () => {
    const out = newFolder();
    const abort = new AbortController();
    const writer = await openOf(sinkOf(writeText(out, { fileOf: (line) => line })), { signal: abort.signal });
    await writer.write(["a"]);
    abort.abort();
    await expect(writer.write(["b"])).rejects.toBe(abort.signal.reason);
    expect(readdirSync(out)).toEqual([]);
  });

  test("a file that is being made then is removed, at whatever moment", async () => {
    for (let turns = 0; turns < 30; turns++) {
      const out = newFolder();
      const abort = new AbortController();
      const opening = openOf(sinkOf(writeText(join(out, "out.txt"))), { signal: abort.signal }).catch(() => undefined);
      for (let i = 0; i < turns; i++) await setImmediate();
      abort.abort();
      await opening;
      expect(existsSync(out) ? readdirSync(out) : []).toEqual([]);
    }
  });

  test("no writer is opened any more", async () => {
    const out = newFolder();
    const abort = new AbortController();
    const opening = openOf(sinkOf(writeText(join(out, "out.txt"))), { signal: abort.signal });
    abort.abort();
    expect((await errorOf(() => opening)).code).toBe("CANCELLED");
    expect((await errorOf(() => openOf(sinkOf(writeText(join(out, "out.txt"))), { signal: abort.signal }))).code).toBe("CANCELLED");
    expect(existsSync(out) ? readdirSync(out) : []).toEqual([]);
  });
});

describe("with fileOf", () => {
  test("each element goes to its file, in folders of their own too", async () => {
    const out = newFolder();
    const options = {
      fileOf: ([name]: readonly [string, string]) => name,
      lineOf: ([, line]: readonly [string, string]) => line,
      header: "h",
    };
    const names = await write(
      writeText(out, options),
      [
        ["a.txt", "1"],
        ["deep/er/b.txt", "2"],
      ],
      [["a.txt", "3"]],
    );
    expect(names).toEqual([join(out, "a.txt"), join(out, "deep/er/b.txt")]);
    expect(names.map(textIn)).toEqual(["h\n1\n3\n", "h\n2\n"]);
  });

  test("without elements there are no files", async () => {
    expect(await write(writeText(newFolder(), { fileOf: (line) => line }))).toEqual([]);
  });

  test.each(["gzip", undefined] as const)("there may be more files than can be open at once (compress: %s)", async (compress) => {
    const out = newFolder();
    const options = { fileOf: (line: string) => line.slice(0, 3), footer: "end", ...(compress === undefined ? {} : { compress }) };
    const bundle = (n: number): readonly string[] => Array.from({ length: 200 }, (_, i) => `${100 + i} ${n}`);
    const names = await write(writeText(out, options), bundle(1), bundle(2), bundle(3));
    expect(names).toHaveLength(200);
    for (const [i, name] of names.entries()) {
      const bytes = readFileSync(name);
      expect(String(compress === "gzip" ? gunzipSync(bytes) : bytes)).toBe(`${100 + i} 1\n${100 + i} 2\n${100 + i} 3\nend\n`);
    }
  });

  test.skipIf(process.platform !== "linux")("few files are open at once", async () => {
    const open = (): number => readdirSync("/proc/self/fd").length;
    const before = open();
    const writer = await openOf(sinkOf(writeText(newFolder(), { fileOf: (line) => line })));
    await writer.write(Array.from({ length: 300 }, (_, i) => String(i)));
    expect(open() - before).toBeLessThan(100);
    await writer.finish();
    expect(open()).toBeLessThanOrEqual(before);
  });

  test("a name that is a file and a folder publishes nothing", async () => {
    const out = newFolder();
    const error = await errorOf(() => write(writeText(out, { fileOf: (line) => line, ifExists: "replace" }), ["b", "a", "a/b"]));
    expect(error.parts).toMatchObject({ what: "the file to be written is a folder", at: join(out, "a") });
    expect(existsSync(join(out, "b"))).toBe(false);
  });

  test.each(["", ".", "..", "../a", "a/../../b", "a/..", "/etc/passwd", "a//b", "a/", "./a", "a\0b"])(
    "the name %j is refused",
    async (name) => {
      const out = newFolder();
      const error = await errorOf(() => write(writeText(out, { fileOf: () => name }), ["a"]));
      expect(error.code).toBe("BAD_NAME");
      expect(error.parts.at).toBe(out);
    },
  );

  test.each(["..\\a", "a\\..\\..\\b", "\\\\server\\share", "C:\\a", "C:a", "a.txt:stream"])(
    "the name %j is refused on Windows",
    async (name) => {
      expect((await errorOf(() => pathBelow("out", name, true))).code).toBe("BAD_NAME");
      expect(pathBelow("out", "a\\b".replace("\\", "/"), true)).toBe(join("out", "a/b"));
    },
  );

  test("a name that is no text is refused", async () => {
    const fileOf = (): string => undefined as unknown as string;
    expect((await errorOf(() => write(writeText(newFolder(), { fileOf }), ["a"]))).code).toBe("BAD_NAME");
  });
});

test("text that has no form in UTF-8 is an error", async () => {
  const error = await errorOf(() => write(writeText(join(newFolder(), "out.txt")), ["fine", "half \uD83D"]));
  expect(error.code).toBe("NOT_ENCODABLE");
  expect(error.parts.got).toContain("half");
});

test("a line that is no text is an error", async () => {
  const error = await errorOf(() => write(writeText(join(newFolder(), "out.txt")), [7 as unknown as string]));
  expect(error.code).toBe("NOT_ENCODABLE");
  expect(error.parts.got).toBe("7");
});

// A limit on the size of files fails a write half way, as a full disk does.
test.skipIf(process.platform === "win32")("a write that fails half way is an error with the path, and leaves nothing", () => {
  const out = newFolder();
  mkdirSync(out);
  const program = fileURLToPath(new URL("support/full-disk.ts", import.meta.url));
  const limited = ["-c", 'ulimit -f 100 && exec "$0" "$@"', process.execPath, "--import", "tsx", program, out];
  const result: unknown = JSON.parse(execFileSync("sh", limited, { encoding: "utf8" }));
  expect(result).toMatchObject({ code: "WRITE_FAILED", at: join(out, "out.txt"), fix: expect.stringContaining("ulimit -f"), left: [] });
});

test("an error for a full disk says what to do", () => {
  const error = writeFailed("a file cannot be written", "out.txt", Object.assign(new Error("ENOSPC: no space left"), { code: "ENOSPC" }));
  expect(error.parts).toMatchObject({ at: "out.txt", got: "ENOSPC: no space left", fix: expect.stringContaining("free space") });
});
