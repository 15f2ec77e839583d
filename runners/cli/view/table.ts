import { bytesText, grouped, lagText, timeOfDay, workText } from "./numbers.ts";
import type { StepProgress } from "./progress.ts";
import type { Row } from "./rows.ts";

/** How much room there is for a table, in lines and in characters. */
export interface Room {
  readonly lines?: number;
  readonly columns?: number;
  /** The time of the clock, for a run without an end: how far its steps are behind that is shown. */
  readonly now?: number;
}

/** A column of numbers. */
interface Column {
  readonly title: string;
  readonly cellOf: (counts: StepProgress, now: number | undefined) => string;
  /** Without it, the column is there only if it has something to say. */
  readonly isAlways?: true;
  /** Columns go in this order where the terminal is too narrow; those without a number stay. */
  readonly goes?: number;
}

const ifAny =
  (text: (amount: number) => string) =>
  (amount: number): string =>
    amount > 0 ? text(amount) : "";

const columns: readonly Column[] = [
  { title: "in", isAlways: true, goes: 4, cellOf: (counts) => grouped(counts.in) },
  { title: "out", isAlways: true, cellOf: ({ out }) => grouped(out) },
  { title: "per second", isAlways: true, goes: 3, cellOf: ({ perSecond }) => grouped(perSecond) },
  { title: "bytes", goes: 1, cellOf: ({ bytes }) => ifAny(bytesText)(bytes) },
  { title: "time", goes: 2, cellOf: ({ busyMs }) => ifAny(workText)(busyMs) },
  {
    title: "watermark",
    goes: 5,
    cellOf: ({ status }, now) => (status === undefined || now === undefined ? "" : timeOfDay(status.watermark, now)),
  },
  { title: "lag", cellOf: ({ status }, now) => (status === undefined || now === undefined ? "" : lagText(status.watermark, now)) },
  { title: "backlog", cellOf: ({ status }, now) => (now === undefined ? "" : ifAny(grouped)(status?.backlog ?? 0)) },
  { title: "queue", cellOf: ({ status }, now) => (now === undefined ? "" : ifAny(grouped)(status?.queued ?? 0)) },
  { title: "late", cellOf: ({ late }, now) => (now === undefined ? "" : ifAny(grouped)(late)) },
  { title: "dropped", cellOf: ({ dropped }) => ifAny(grouped)(dropped) },
  { title: "skipped", cellOf: ({ skipped }) => ifAny(grouped)(skipped) },
  { title: "failed", cellOf: ({ failed }) => ifAny(grouped)(failed) },
];

/** Names are cut to this before a column of numbers goes. */
const SHORT_NAME = 24;
/** Below this a name says nothing: the terminal is left to cut the line at its other end. */
const SHORTEST_NAME = 8;

/**
 * The table of a run: a line for each row, below the composites it is part of. What does not fit is counted in the last line;
 * where lines are too long, names are cut first, then columns are left out.
 */
export function tableOf(rows: readonly Row[], { lines = Infinity, columns: width = Infinity, now }: Room = {}): readonly string[] {
  if (lines < 1) return [];
  const isWhole = rows.length < lines;
  const shown = isWhole ? rows : rows.slice(0, Math.max(lines - 2, 0));
  const table = textOf(shown, width, now);
  return isWhole ? table : [...table, `… ${rows.length - shown.length} more`].slice(-lines);
}

function textOf(rows: readonly Row[], width: number, now: number | undefined): readonly string[] {
  const names = ["step", ...rows.map(({ name, depth }) => "  ".repeat(depth) + printable(name))];
  const cells = columnsOf(rows, width - Math.min(SHORT_NAME, longest(names)), now);
  const room = Math.max(width - widthOf(cells), SHORTEST_NAME);
  const first = Math.min(longest(names), room);
  return names.map((name, line) =>
    [cut(name, first).padEnd(first), ...cells.map((column) => column[line]!.padStart(longest(column)))].join("  ").trimEnd(),
  );
}

/** The columns for which there is room, each with its title first. */
function columnsOf(rows: readonly Row[], width: number, now: number | undefined): readonly (readonly string[])[] {
  let made = columns
    .map(({ title, cellOf, isAlways, goes }) => ({
      isShown: isAlways === true || rows.some(({ counts }) => counts !== undefined && cellOf(counts, now) !== ""),
      cells: [title, ...rows.map(({ counts }) => (counts === undefined ? "" : cellOf(counts, now)))],
      goes,
    }))
    .filter(({ isShown }) => isShown);
  const leaving = made.filter(({ goes }) => goes !== undefined).toSorted((a, b) => a.goes! - b.goes!);
  for (const column of leaving) if (widthOf(made.map(({ cells }) => cells)) > width) made = made.filter((other) => other !== column);
  return made.map(({ cells }) => cells);
}

/** How wide columns are, each with the two blanks before it. */
const widthOf = (cells: readonly (readonly string[])[]): number => cells.reduce((sum, column) => sum + 2 + longest(column), 0);

const longest = (texts: readonly string[]): number => texts.reduce((most, { length }) => Math.max(most, length), 0);

/** A step's name may be any text, and a line end or an escape sequence in it would take the table apart. */
export const printable = (name: string): string => name.replace(/\p{Cc}/gu, "\uFFFD");

const cut = (text: string, most: number): string => (text.length > most ? `${text.slice(0, most - 1)}…` : text);
