import type { Keys } from "../keys.ts";
import { barLine } from "./bar.ts";
import { metricLine } from "./own-metrics.ts";
import { progressBetween, start, type Sample } from "./progress.ts";
import { rowsOf } from "./rows.ts";
import { Screen, type Output, type Terminal } from "./screen.ts";
import { summaryOf } from "./summary.ts";
import { printable, tableOf } from "./table.ts";
import { fractionRead } from "./totals.ts";
import type { View, ViewOptions } from "./view.ts";

/** How many samples the pace is measured over: at five a second, the last second. */
const SAMPLES = 5;

/** The key that shows and hides what steps wait for. */
const WHY = "w";

/**
 * A table at the bottom of the terminal, drawn again five times a second.
 *
 * @param keys - tells of keys that are pressed, where there is a keyboard.
 */
export function liveView(terminal: Terminal, outputs: readonly Output[], { shape, isVerbose }: ViewOptions, keys?: Keys): View {
  const screen = new Screen(terminal, outputs);
  const recent: Sample[] = [start];
  let showsWhy = false;
  const stopListening = keys?.((key) => {
    if (key === WHY) showsWhy = !showsWhy;
  });
  const linesOf = (before: Sample, now: Sample, lines: number): readonly string[] => {
    const rows = rowsOf(progressBetween(before, now), isVerbose ? undefined : shape, lines - 1);
    return tableOf(rows, { lines, columns: screen.columns, ...(shape.isBounded ? {} : { now: now.now }) });
  };
  return {
    every: 200,
    update(now) {
      const bar = barLine(now.at, fractionRead(now, shape), screen.columns);
      const lastLine = keys === undefined ? bar : `${bar}  (${WHY}: ${showsWhy ? "hide" : "show"} what steps wait for)`;
      const reasons = showsWhy ? reasonsOf(shape.ends, now, screen.columns).slice(0, Math.floor(screen.rows / 2)) : [];
      screen.draw([...linesOf(recent[0]!, now, screen.rows - 1 - reasons.length), ...reasons, lastLine]);
      recent.push(now);
      if (recent.length > SAMPLES) recent.shift();
    },
    end(now, outcome) {
      stopListening?.();
      // Drawn for the last time, so it may be longer than the terminal.
      const metrics = (outcome.metrics ?? []).map(metricLine);
      screen.draw([...linesOf(start, now, Infinity), ...metrics, summaryOf(now, shape, outcome)]);
      screen.end();
    },
  };
}

/** What each of some steps waits for, in lines that fit. */
const reasonsOf = (steps: readonly string[], { why }: Sample, columns: number): readonly string[] =>
  why === undefined ? [] : steps.flatMap((step) => wrapped(printable(`${step}: ${why(step).text}`), columns));

/** A text in lines of whole words. */
function wrapped(text: string, columns: number): readonly string[] {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const line = lines.at(-1);
    if (line === undefined || line.length + 1 + word.length > columns) lines.push(lines.length === 0 ? word : `  ${word}`);
    else lines[lines.length - 1] = `${line} ${word}`;
  }
  return lines;
}
