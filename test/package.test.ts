import { execFile } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { cp, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, posix } from "node:path";
import { globSync } from "tinyglobby";
import { afterAll, beforeAll, expect, test } from "vitest";
import { manifest, root } from "./support/repository.ts";

// The package as a user gets it: packed, installed in an empty folder, compiled against and run. Tools that check
// packages do not notice when an inner declaration is missing, or the code behind an entry; here all of it is loaded.

/** Programs named by MILLRACE_NODES, with commas between them, or the Node that runs the tests. */
const nodes = (process.env["MILLRACE_NODES"] || process.execPath).split(",");
const subpaths = Object.keys(manifest.exports);
const threeMinutes = 3 * 60_000;

let folder: string;
let consumer: string;
let compilerOutput: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "millrace-package-"));
  consumer = await installed(await packed());
  compilerOutput = await compiled();
}, threeMinutes);

afterAll(() => rm(folder, { recursive: true, force: true }));

test("a program compiles against the installed package, with all declarations checked", () => {
  expect(compilerOutput).toBe("");
});

test.each(nodes)("every subpath of the installed package loads in %s", async (node) => {
  const loaded = await run(node, ["out/subpaths.js"], consumer);
  expect(JSON.parse(loaded)).toEqual(subpaths);
});

test.each(nodes)("the installed package counts words in %s", async (node) => {
  const counts = await run(node, ["out/word-count.js"], consumer);
  expect(Object.fromEntries(JSON.parse(counts) as [string, number][])).toEqual({ to: 2, be: 2, or: 1, not: 1 });
});

test.each(nodes)("threads find their pipelines in the installed package in %s", async (node) => {
  const count = await run(node, ["out/threads.js"], consumer);
  expect(Number(count)).toBeGreaterThan(10);
});

test.each(nodes)("the command of the installed package runs a module, and knows the library in what it reports, in %s", async (node) => {
  const command = join(consumer, "node_modules/millrace/dist/runners/cli/main.js");
  await run(node, [command, "explain", "out/failing.js"], consumer);
  const failed = await run(node, [command, "run", "out/failing.js"], consumer).catch((error: Error) => error.message);
  expect(failed).toContain("STEP_FAILED");
  expect(String(failed).match(/^ +at .*/gm)).toEqual([expect.stringContaining("out/failing.js:5:")]);
});

test.each(nodes)("errors lead to the sources in the installed package in %s", async (node) => {
  const stack = await run(node, ["--enable-source-maps", "out/misuse.js"], consumer);
  const frames = [...stack.matchAll(/node_modules\/millrace\/(.*?):(\d+):/g)].map(([, path = "", line]) => ({ path, line: Number(line) }));
  expect(frames.length).toBeGreaterThan(1);
  expect(frames.filter(({ path }) => !/^(sdk|runners|io)\/.*\.ts$/.test(path))).toEqual([]);
  const [{ path, line }] = frames as [(typeof frames)[0]];
  expect(readFileSync(join(consumer, "node_modules/millrace", path), "utf8").split("\n")[line - 1]).toContain("new PipelineError");
});

// A second copy would be another class and another symbol: `instanceof` fails there, and what is marked is not found.
test("every source is in one file of the installed package, and is there itself", () => {
  const dist = join(consumer, "node_modules/millrace/dist");
  const sources = globSync("**/*.{js,mjs}.map", { cwd: dist }).flatMap((path) =>
    (JSON.parse(readFileSync(join(dist, path), "utf8")) as { readonly sources: readonly string[] }).sources.map((source) =>
      join(dist, dirname(path), source),
    ),
  );
  expect(sources.length).toBeGreaterThan(100);
  expect(sources.filter((source, i) => sources.indexOf(source) < i)).toEqual([]);
  expect(sources.filter((source) => !existsSync(source))).toEqual([]);
});

/** Packs a fresh copy, which is built for it: in the working folder, an old build may hold what the sources lack, and other tests read it. */
async function packed(): Promise<string> {
  const copy = join(folder, "copy");
  const leftOut = [".git", "node_modules", "dist", "coverage"].map((name) => join(root, name));
  await cp(root, copy, { recursive: true, filter: (path) => !leftOut.includes(path) });
  await symlink(join(root, "node_modules"), join(copy, "node_modules"), "junction");
  await run("npm", ["pack", "--pack-destination", folder], copy);
  const name = (await readdir(folder)).find((entry) => entry.endsWith(".tgz"));
  return join(folder, name!);
}

async function installed(tarball: string): Promise<string> {
  const into = join(folder, "consumer");
  await mkdir(into);
  await writeFile(join(into, "package.json"), JSON.stringify({ name: "consumer", private: true, type: "module" }));
  await run("npm", ["install", "--prefer-offline", "--no-audit", "--no-fund", tarball], into);
  return into;
}

/** Compiles the programs with the project's compiler; what it has to say, or nothing when it is content. */
async function compiled(): Promise<string> {
  await cp(join(root, "test/support/consumer"), consumer, { recursive: true });
  await writeFile(join(consumer, "subpaths.ts"), importsOfAll());
  await writeFile(join(consumer, "tsconfig.json"), JSON.stringify({ compilerOptions, include: ["*.ts"] }));
  const compiler = join(root, "node_modules/typescript/bin/tsc");
  return run(process.execPath, [compiler], consumer).then(
    () => "",
    (error: Error) => error.message,
  );
}

const compilerOptions = {
  target: "es2023",
  lib: ["es2023"],
  module: "nodenext",
  rootDir: ".",
  outDir: "out",
  strict: true,
  verbatimModuleSyntax: true,
  skipLibCheck: false,
  types: ["node"],
  typeRoots: [join(root, "node_modules/@types")],
};

/** A module that imports every subpath and prints those which gave something. */
function importsOfAll(): string {
  const imports = subpaths.map((subpath, i) => {
    const specifier = JSON.stringify(posix.join("millrace", subpath));
    return subpath.endsWith(".json")
      ? `import part${i} from ${specifier} with { type: "json" };`
      : `import * as part${i} from ${specifier};`;
  });
  const parts = subpaths.map((subpath, i) => `[${JSON.stringify(subpath)}, part${i}]`);
  return `${imports.join("\n")}
const parts: [string, object][] = [${parts.join(", ")}];
console.log(JSON.stringify(parts.filter(([, part]) => Object.keys(part).length > 0).map(([subpath]) => subpath)));
`;
}

/** What a program prints. When it fails, the error holds all of its output, since compilers put what is wrong there. */
function run(program: string, args: readonly string[], cwd: string): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(program, args, { cwd }, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else reject(new Error(`${[program, ...args].join(" ")} failed in ${cwd}\n${stdout}${stderr}`, { cause: error }));
    });
  });
}
