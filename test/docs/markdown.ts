import { globSync } from "tinyglobby";
import { root, textOf } from "../support/repository.ts";

/** A fenced block of code. */
export interface CodeBlock {
  /** The file that it stands in, and the line of its opening fence. */
  readonly path: string;
  readonly line: number;
  readonly language: string;
  /** What follows the language in the opening fence: the name of a file, or `fragment`. */
  readonly note: string;
  readonly text: string;
}

/** The documentation, as paths from the root. */
export const pages: readonly string[] = ["README.md", ...globSync("docs/**/*.md", { cwd: root, ignore: ["docs/api"] }).sort()];

/** The fenced blocks of a page, in order. */
export function blocksOf(path: string): readonly CodeBlock[] {
  const page = textOf(path);
  return [...page.matchAll(/^```(\w*) ?(.*)\n([\s\S]*?)^```$/gm)].map(([, language = "", note = "", text = ""], i, all) => ({
    path,
    line: page.slice(0, all[i]!.index).split("\n").length,
    language,
    note,
    text,
  }));
}

/** A page without its fenced blocks. */
export const proseOf = (path: string): string => textOf(path).replace(/^```[\s\S]*?^```$/gm, "");

/** The rows of a page's tables, each as the texts of its cells; headings and rules are left out. */
export function tableRowsOf(path: string): readonly (readonly string[])[] {
  const lines = proseOf(path).split("\n");
  const isRow = (line: string | undefined): boolean => line?.startsWith("|") === true;
  return lines
    .filter((line, i) => isRow(line) && !/^\|[-|]+\|$/.test(line) && !/^\|[-|]+\|$/.test(lines[i + 1] ?? ""))
    .map((line) =>
      line
        .slice(1, -1)
        .split("|")
        .map((cell) => cell.trim()),
    );
}
