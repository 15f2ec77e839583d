import { barLine } from "./bar.ts";
import { metricLine } from "./own-metrics.ts";
import { progressBetween, start, type Sample } from "./progress.ts";
import { rowsOf } from "./rows.ts";
import { Screen, type Output, type Terminal } from "./screen.ts";
import { summaryOf } from "./summary.ts";
import { tableOf } from "./table.ts";
import { fractionRead } from "./totals.ts";
import type { View, ViewOptions } from "./view.ts";

/** How many samples the pace is measured over: at five a second, the last second. */
const SAMPLES = 5;

/** A table at the bottom of the terminal, drawn again five times a second. */
export function liveView(terminal: Terminal, outputs: readonly Output[], { shape, isVerbose }: ViewOptions): View {
  const screen = new Screen(terminal, outputs);
  const recent: Sample[] = [start];
  const linesOf = (before: Sample, now: Sample, lines: number): readonly string[] => {
    const rows = rowsOf(progressBetween(before, now), isVerbose ? undefined : shape, lines - 1);
    return tableOf(rows, { lines, columns: screen.columns });
  };
  return {
    every: 200,
    update(now) {
      const table = linesOf(recent[0]!, now, screen.rows - 1);
      screen.draw([...table, barLine(now.at, fractionRead(now, shape), screen.columns)]);
      recent.push(now);
      if (recent.length > SAMPLES) recent.shift();
    },
    end(now, outcome) {
      // Drawn for the last time, so it may be longer than the terminal.
      const metrics = (outcome.metrics ?? []).map(metricLine);
      screen.draw([...linesOf(start, now, Infinity), ...metrics, summaryOf(now, shape, outcome)]);
      screen.end();
    },
  };
}
