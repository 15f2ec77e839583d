import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { definePipeline } from "millrace";
import { definitionIn, findExport } from "../../runners/node/exported-pipeline.ts";
import { loadModule } from "../../runners/node/load-module.ts";
import { root } from "../support/repository.ts";
import letters from "./pipelines/letters.ts";
import { two } from "./pipelines/several.ts";

const urlOf = (name: string): string => new URL(`./pipelines/${name}`, import.meta.url).href;

describe("loadModule", () => {
  test("gives the module that everybody else has", async () => {
    expect((await loadModule(urlOf("letters.ts")))["default"]).toBe(letters);
  });

  test("says that there is no such file", async () => {
    await expect(loadModule(urlOf("nowhere.ts"))).rejects.toMatchObject({
      code: "MODULE_NOT_LOADED",
      parts: { what: "there is no such module", at: expect.stringMatching(/nowhere\.ts$/) },
    });
  });

  test("keeps what a module throws, with its stack", async () => {
    const cause = expect.objectContaining({ name: "TypeError", stack: expect.stringMatching(/throws-on-import\.ts:3:/) });
    await expect(loadModule(urlOf("throws-on-import.ts"))).rejects.toMatchObject({ code: "MODULE_NOT_LOADED", cause });
  });
});

describe("definitionIn finds", () => {
  const a = definePipeline(import.meta.url, { name: "a" }, () => {});
  const b = definePipeline(import.meta.url, { name: "b" }, () => {});

  test("the export that is named", () => {
    expect(definitionIn({ default: a, other: b }, "other")).toBe(b);
    expect(definitionIn({ default: a, other: b }, "default")).toBe(a);
  });

  test("else the one by default", () => {
    expect(definitionIn({ default: a, other: b })).toBe(a);
  });

  test("else the only one there is", () => {
    expect(definitionIn({ default: "text", helper: () => {}, other: b })).toBe(b);
  });

  test.each([
    ["none", {}, undefined, "the module exports no pipeline", "the exports of an empty module"],
    ["none but other things", { x: 1, y: 2 }, undefined, "the module exports no pipeline", "the exports x, y"],
    ["two, and none by default", { a, b }, undefined, "the module exports 2 pipelines, none of them by default", "#a, #b"],
    ["none of the name", { a, b }, "c", 'the module exports no pipeline "c"', "#a, #b"],
    ["only a function of the name", { a: () => {} }, "a", 'the module exports no pipeline "a"', "the exports a"],
    ["nothing of the name but what all objects have", { a }, "toString", 'the module exports no pipeline "toString"', "#a"],
  ])("and where there is %s, says so", (_, module, name, what, got) => {
    expect(() => definitionIn(module, name, "job.ts")).toThrow(
      expect.objectContaining({ code: "NO_PIPELINE_EXPORTED", parts: expect.objectContaining({ what, got, at: "job.ts" }) }),
    );
  });

  test("and says where a pipeline comes from another copy of the library", () => {
    const foreign = { url: "file:///job.ts", name: "job", options: {}, build: () => {} };
    expect(() => definitionIn({ default: foreign })).toThrow("the pipeline there was made by another copy of millrace");
  });
});

describe("findExport", () => {
  test("answers the name under which a module exports a definition", async () => {
    expect(await findExport(letters.url, letters)).toBe("default");
    expect(await findExport(two.url, two)).toBe("two");
  });

  test("refuses a definition that its module does not export, even if it is built alike", async () => {
    const alike = definePipeline(urlOf("several.ts"), { name: "two" }, () => {});
    await expect(findExport(alike.url, alike)).rejects.toMatchObject({
      code: "PIPELINE_NOT_EXPORTED",
      parts: { got: 'the pipeline "two"; the module exports one, two' },
    });
  });
});

// Where the library is JavaScript it has to find what reads TypeScript by itself. Nothing has been prepared in these processes.
describe("readTypeScript", () => {
  let folder: string;
  const run = promisify(execFile);
  const program = `
    import { readTypeScript } from "./library/typescript.mjs";
    const url = new URL(process.argv[2], import.meta.url).href;
    const reader = await readTypeScript(url);
    const again = await readTypeScript(url);
    const loaded = reader === undefined ? {} : await import(url);
    console.log(JSON.stringify({ reader, again, color: loaded.color, shared: loaded.shared === (await import("./shared.mjs")).shared }));
  `;
  /** An enum, and a `.js` that is a `.ts`: what only tsx reads. */
  const module = `
    import { shared } from "../shared.mjs";
    import { red } from "./red.js";
    enum Color { Red = red }
    export const color: number = Color.Red;
    export { shared };
  `;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "millrace-typescript-"));
    await mkdir(join(folder, "library"));
    for (const name of ["typescript.mjs", "es-module-hook.mjs"]) await cp(join(root, "runners/node", name), join(folder, "library", name));
    await writeFile(join(folder, "program.mjs"), program);
    await writeFile(join(folder, "shared.mjs"), "export const shared = {};");
    for (const type of ["module", "commonjs"]) {
      await mkdir(join(folder, type, "node_modules"), { recursive: true });
      await symlink(join(root, "node_modules/tsx"), join(folder, type, "node_modules/tsx"), "junction");
      await writeFile(join(folder, type, "package.json"), JSON.stringify({ type }));
      await writeFile(join(folder, type, "job.ts"), module);
      await writeFile(join(folder, type, "red.ts"), "export const red: number = 7;");
    }
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  const answerTo = async (url: string): Promise<unknown> =>
    JSON.parse((await run(process.execPath, [join(folder, "program.mjs"), url], { cwd: folder })).stdout);

  test.each(["module", "commonjs"])(
    'takes tsx from beside the user\'s module, and loads ES modules where package.json says "%s"',
    async (type) => {
      expect(await answerTo(`./${type}/job.ts`)).toEqual({ reader: "tsx", again: "tsx", color: 7, shared: true });
    },
  );

  test("takes tsx from beside the library", async () => {
    const library = pathToFileURL(join(root, "runners/node/typescript.mjs")).href;
    const text = `console.log(await (await import(${JSON.stringify(library)})).readTypeScript("file:///nowhere/job.ts"))`;
    expect((await run(process.execPath, ["--input-type=module", "--eval", text], { cwd: folder })).stdout).toBe("tsx\n");
  });

  test("says so where there is none, and this Node does not read TypeScript by itself", async () => {
    const features = process.features as { readonly typescript?: string | false };
    expect(await answerTo("./shared.mjs")).toMatchObject(features.typescript ? { reader: "node" } : { shared: false });
  });
});
