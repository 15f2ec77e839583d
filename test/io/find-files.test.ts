import { chmodSync, mkdirSync, symlinkSync } from "node:fs";
import { join, relative } from "node:path";
import { describe, expect, test } from "vitest";
import { findFiles } from "../../io/files/find-files.ts";
import { errorOf } from "./support/errors.ts";
import { filesIn, temporaryFolder, withoutRights } from "./support/files.ts";

const folder = temporaryFolder();
const file = filesIn(folder);

const pathsOf = async (paths: string | readonly string[]): Promise<readonly string[]> =>
  (await findFiles(paths, "auto")).map(({ path }) => path);

test("a file is found with its size, and with how it is packed", async () => {
  const path = file("12345", "one/a.gz");
  expect(await findFiles(path, "auto")).toEqual([{ path, sizeBytes: 5, isGzip: true }]);
  expect(await findFiles(path, "none")).toEqual([{ path, sizeBytes: 5, isGzip: false }]);
});

test("a folder stands for its own files, without hidden ones and without those in folders below", async () => {
  const paths = [file("", "own/b.txt"), file("", "own/a.txt")];
  file("", "own/.hidden");
  file("", "own/below/c.txt");
  symlinkSync(paths[0]!, join(folder, "own", "link"));
  expect(await pathsOf(join(folder, "own"))).toEqual([paths[1], paths[0], join(folder, "own", "link")]);
});

test("a glob finds files in order, in folders below too", async () => {
  const paths = [file("", "glob/2.txt"), file("", "glob/1.txt"), file("", "glob/sub/3.txt")];
  file("", "glob/other.csv");
  file("", "glob/.hidden.txt");
  expect(await pathsOf(join(folder, "glob/*.txt"))).toEqual([paths[1], paths[0]]);
  expect(await pathsOf(join(folder, "glob/**/*.txt"))).toEqual([paths[1], paths[0], paths[2]]);
  expect(await pathsOf(join(folder, "glob/{1,2}.txt"))).toEqual([paths[1], paths[0]]);
});

test("a path that exists is taken as it is, whatever characters it has", async () => {
  const path = file("", "[1] what (copy)*.txt");
  expect(await pathsOf(path)).toEqual([path]);
});

test("a file that several paths lead to is read once", async () => {
  const path = file("", "twice/a.txt");
  expect(await pathsOf([path, join(folder, "twice"), join(folder, "twice/*"), relative(process.cwd(), path)])).toEqual([path]);
});

describe("nothing to read is NO_FILES, with the path as it was given:", () => {
  mkdirSync(join(folder, "empty"));
  test.each([
    ["a missing file", join(folder, "missing.txt")],
    ["a path through a file", join(folder, "here.txt", "below")],
    ["a glob without matches", join(folder, "*.nothing")],
    ["a glob in a missing folder", join(folder, "missing/*.txt")],
    ["a folder without files", join(folder, "empty")],
    ["no path at all", ""],
  ])("%s", async (_, path) => {
    file("", "here.txt");
    const error = await errorOf(() => findFiles([file("", "here.txt"), path], "auto"));
    expect(error.code).toBe("NO_FILES");
    expect(error.parts.at).toBe(path);
    expect(error.parts.fix).toBeDefined();
  });

  test("an empty list", async () => {
    expect((await errorOf(() => findFiles([], "auto"))).code).toBe("NO_FILES");
  });
});

// Windows has other rights, and no devices among its files.
describe.skipIf(process.platform === "win32")("what may not be read is READ_FAILED, with the path as it was given:", () => {
  const failure = async (path: string): Promise<unknown> => {
    const { code, parts } = await withoutRights(() => errorOf(() => findFiles(path, "auto")));
    return { code, path: parts.at?.slice(-path.length) };
  };
  const refused = (path: string): unknown => ({ code: "READ_FAILED", path });

  // The system is asked by the rights of who started the process, and root has them all.
  test.skipIf(process.getuid?.() === 0)("a file", async () => {
    const path = file("", "secret.txt");
    chmodSync(path, 0);
    expect(await failure(path)).toEqual(refused(path));
  });

  test("a folder, a file in it, and a glob that leads through it", async () => {
    file("", "secret/inner/a.txt");
    chmodSync(join(folder, "secret/inner"), 0);
    for (const path of ["secret/inner", "secret/inner/a.txt", "secret/**/*.txt"].map((name) => join(folder, name))) {
      expect(await failure(path)).toEqual(refused(path));
    }
    chmodSync(join(folder, "secret/inner"), 0o755);
  });

  test("a device", async () => {
    expect(await failure("/dev/null")).toEqual(refused("/dev/null"));
  });

  test("a link that leads to itself", async () => {
    const path = join(folder, "loop");
    symlinkSync(path, path);
    expect(await failure(path)).toEqual(refused(path));
  });
});
