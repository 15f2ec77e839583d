import { grouped } from "./numbers.ts";
import type { StepProgress } from "./progress.ts";

/**
 * The table of a run: a line for each step, below the composites it is part of.
 *
 * @param most - how many lines there is room for, the heading included; what does not fit is counted in the last one.
 */
export function tableOf(steps: readonly StepProgress[], most = Infinity): readonly string[] {
  const lines = [["step", "in", "out", "per second"], ...steps.flatMap(linesOf)];
  const shown = lines.length <= most ? lines : lines.slice(0, Math.max(most - 1, 0));
  const widths = [0, 1, 2, 3].map((column) => Math.max(...shown.map((line) => line[column]!.length)));
  const table = shown.map((line) =>
    line
      .map((cell, i) => (i === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[i]!)))
      .join("  ")
      .trimEnd(),
  );
  return shown === lines ? table : [...table, `… ${lines.length - shown.length} more lines`].slice(0, most);
}

/** A step's line, and before it those of the composites that the step before was not in. */
function linesOf({ path, in: taken, out, perSecond }: StepProgress, index: number, steps: readonly StepProgress[]): string[][] {
  const names = path.split("/");
  const before = steps[index - 1]?.path.split("/") ?? [];
  const shared = names.findIndex((name, depth) => name !== before[depth]);
  const composites = names.slice(0, -1).map((name, depth) => [indented(name, depth), "", "", ""]);
  const own = [indented(names.at(-1)!, names.length - 1), grouped(taken), grouped(out), grouped(perSecond)];
  return [...composites.slice(Math.max(shared, 0)), own];
}

const indented = (name: string, depth: number): string => "  ".repeat(depth) + name;
