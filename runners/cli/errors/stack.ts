import { isAbsolute, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";

/** A line of a stack. */
export interface Frame {
  /** The line as Node prints it, without what stands before it; paths below the current folder are short. */
  readonly text: string;
  /** `docs/word-count.ts:14:9`; nothing for what has no file. */
  readonly place: string | undefined;
  /** Whose code it is: the user's, that of a package, this library's, or that of Node and of what reads TypeScript for it. */
  readonly owner: "user" | "dependency" | "library" | "platform";
}

/** Where things are, for telling frames apart. */
export interface Places {
  /** The current folder. */
  readonly folder: string;
  /** The folders that hold the library's code, built or not. */
  readonly library: readonly string[];
}

/** The frames of an error, the innermost first. */
export function framesOf(error: Error, places: Places): readonly Frame[] {
  const lines = (error.stack ?? "").split("\n");
  // Where an import finds nothing, Node puts the place before the text instead of among the frames.
  const place = /^(file:|\/|[A-Za-z]:[\\/]).*:\d+$/.test(lines[0]!) ? [`at ${lines[0]!}`] : [];
  return [...place, ...lines.filter((line) => /^\s+at /.test(line))].map((line) => frameOf(line.trim(), places));
}

function frameOf(line: string, { folder, library }: Places): Frame {
  const [, location, position] = /(?:^at |\(|^at async )((?:file:\/\/|\/|[A-Za-z]:[\\/])[^<]*?)(:\d+(?::\d+)?)\)?$/.exec(line) ?? [];
  // `eval at …`, `<anonymous>` and `node:…`: generated code, built-in functions, Node itself.
  if (location === undefined) return { text: line, place: undefined, owner: "platform" };
  const path = pathOf(location);
  const place = shortened(path, folder) + position!;
  const owner = ownerOf(path, library);
  return { text: line.replace(location + position!, place), place, owner };
}

function ownerOf(path: string, library: readonly string[]): Frame["owner"] {
  if (library.some((part) => path.startsWith(part + sep))) return "library";
  const dependency = path.lastIndexOf(`${sep}node_modules${sep}`);
  if (dependency < 0) return "user";
  const name = path.slice(dependency).split(sep)[2]!;
  return loaders.includes(name) ? "platform" : "dependency";
}

const loaders: readonly string[] = ["tsx", "esbuild"];

function pathOf(location: string): string {
  if (!location.startsWith("file:")) return location;
  try {
    return fileURLToPath(location);
  } catch {
    return location;
  }
}

/** The path from the current folder where it leads downwards. */
export function shortened(path: string, folder: string): string {
  const way = relative(folder, path);
  return way === "" || way.startsWith("..") || isAbsolute(way) ? path : way;
}
