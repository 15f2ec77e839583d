import { reasonOf } from "../files/file-errors.ts";
import { shortText } from "../../sdk/errors.ts";
import { BadRecord } from "../files/bad-record.ts";
import type { Parsed } from "../files/record-format.ts";

/** Values of lines that are JSON. Lines that are empty or blank have none. */
export function parseJsonLines<T>(lines: readonly string[], maxDepth: number): Parsed<T> {
  const values: T[] = [];
  let records: number[] | undefined;
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i]!;
    if (isBlank(line)) {
      // The first one that is left out: so far each line had its value.
      records ??= values.map((_, index) => index);
      continue;
    }
    if (isDeeper(line, maxDepth)) throw tooDeep(i, line, maxDepth);
    values.push(parsed(line, i) as T);
    records?.push(i);
  }
  return records === undefined ? { values } : { values, records };
}

const isBlank = (line: string): boolean => line.length === 0 || (line.charCodeAt(0) <= 0x20 && line.trim() === "");

function parsed(line: string, index: number): unknown {
  try {
    return JSON.parse(line);
  } catch (error) {
    const fix = "each line must be a JSON value of its own; an array over many lines is read with readWholeFiles";
    throw new BadRecord(index, "NOT_DECODABLE", {
      what: "a line is no JSON",
      got: `${shortText(line)} (${reasonOf(error)})`,
      fix,
      cause: error,
    });
  }
}

const tooDeep = (index: number, line: string, maxDepth: number): BadRecord =>
  new BadRecord(index, "NOT_DECODABLE", {
    what: `the JSON of a line is nested deeper than ${maxDepth} levels`,
    got: shortText(line),
    fix: "pass a larger maxDepth; but beyond 500 levels its values cannot leave their thread",
  });

/** Whether arrays and objects are nested deeper than allowed. Looks at a line only if it is long enough for that. */
function isDeeper(line: string, maxDepth: number): boolean {
  // Each level takes two characters, and as many brackets open as levels do.
  if (line.length <= 2 * maxDepth || opening(line) <= maxDepth) return false;
  let depth = 0;
  let isText = false;
  for (let i = 0; i < line.length; i++) {
    const char = line.charCodeAt(i);
    if (isText) {
      if (char === BACKSLASH) i++;
      else if (char === QUOTE) isText = false;
    } else if (char === QUOTE) isText = true;
    else if (char === OPEN_BRACKET || char === OPEN_BRACE) {
      if (++depth > maxDepth) return true;
    } else if (char === CLOSE_BRACKET || char === CLOSE_BRACE) depth--;
  }
  return false;
}

function opening(line: string): number {
  let count = 0;
  // A bracket and a brace differ in this bit only.
  for (let i = 0; i < line.length; i++) if ((line.charCodeAt(i) | 0x20) === OPEN_BRACE) count++;
  return count;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
