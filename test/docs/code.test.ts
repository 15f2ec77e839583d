import { join } from "node:path";
import ts from "typescript";
import { expect, test } from "vitest";
import { root } from "../support/repository.ts";
import { blocksOf, pages } from "./markdown.ts";

/** What is no whole program says `fragment` behind the language. A name there is the file's that other blocks import. */
const programs = pages.flatMap((page) => blocksOf(page)).filter(({ language, note }) => language === "ts" && note !== "fragment");

test("every block of TypeScript in the documentation compiles", { timeout: 120_000 }, () => {
  expect(programs.length).toBeGreaterThan(0);
  const files = new Map(
    programs.map(({ path, line, note, text }, i) => [fileOf(path, note === "" ? `block-${i}.ts` : note), { path, line, text }]),
  );
  expect(files.size).toBe(programs.length);
  expect(problemsIn(files)).toEqual([]);
});

// The check above sees nothing where this one fails.
test("a block that does not compile would be noticed", { timeout: 120_000 }, () => {
  const text = 'import { count } from "millrace";\nconst n: number = count();\nexport default n;\n';
  const problems = problemsIn(new Map([[fileOf("README.md", "wrong.ts"), { path: "README.md", line: 10, text }]]));
  expect(problems).toEqual([expect.stringMatching(/^README\.md:12: Type 'CombineFn.* is not assignable to type 'number'/)]);
});

interface Program {
  readonly path: string;
  readonly line: number;
  readonly text: string;
}

/** Where a block is taken to lie: below the root, so that `millrace` is found as it is by the project itself. */
const fileOf = (page: string, name: string): string =>
  join(root, "test", "docs", "blocks", page.replaceAll(/\W/g, "-"), name).replace(/\.mjs$/, ".mts");

/** What the compiler says of the blocks, by page and line. */
function problemsIn(files: ReadonlyMap<string, Program>): readonly string[] {
  const config = ts.readConfigFile(join(root, "tsconfig.json"), (path) => ts.sys.readFile(path));
  const { options } = ts.parseJsonConfigFileContent(
    { compilerOptions: (config.config as { compilerOptions: object }).compilerOptions },
    ts.sys,
    root,
  );
  const disk = ts.createCompilerHost(options);
  const host: ts.CompilerHost = {
    ...disk,
    fileExists: (path) => files.has(path) || disk.fileExists(path),
    directoryExists: (path) => disk.directoryExists!(path) || [...files.keys()].some((file) => file.startsWith(`${path}/`)),
    getSourceFile(path, version, ...rest) {
      const text = files.get(path)?.text;
      return text === undefined ? disk.getSourceFile(path, version, ...rest) : ts.createSourceFile(path, text, version);
    },
  };
  const program = ts.createProgram([...files.keys()], options, host);
  return [...files.keys()].flatMap((file) => {
    const source = program.getSourceFile(file)!;
    const found = [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)];
    const { path, line } = files.get(file)!;
    return found.map(({ start = 0, messageText }) => {
      const within = source.getLineAndCharacterOfPosition(start).line + 1;
      return `${path}:${line + within}: ${ts.flattenDiagnosticMessageText(messageText, "\n")}`;
    });
  });
}
