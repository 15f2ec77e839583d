import { percentText } from "./bar.ts";
import { bytesText, grouped, timeText, workText } from "./numbers.ts";
import { metricLine } from "./own-metrics.ts";
import { progressBetween, start, type StepProgress } from "./progress.ts";
import { rowsOf, type Row } from "./rows.ts";
import { summaryOf } from "./summary.ts";
import { printable } from "./table.ts";
import { fractionRead } from "./totals.ts";
import type { View, ViewOptions } from "./view.ts";

/** Lines for a log: one every five seconds, and one for each step at the end. */
export function plainView(print: (line: string) => void, { shape, isVerbose }: ViewOptions): View {
  let before = start;
  const rowsBetween = (...samples: Parameters<typeof progressBetween>): readonly Row[] =>
    rowsOf(progressBetween(...samples), isVerbose ? undefined : shape);
  return {
    every: 5_000,
    update(now) {
      const fraction = fractionRead(now, shape);
      const read = fraction === undefined ? "" : `read ${percentText(fraction)}; `;
      print(`${timeText(now.at)}: ${read}${nowLine(rowsBetween(before, now))}`);
      before = now;
    },
    end(now, outcome) {
      for (const row of rowsBetween(start, now)) if (row.counts !== undefined) print(stepLine(row.path, row.counts));
      for (const metric of outcome.metrics ?? []) print(metricLine(metric));
      print(summaryOf(now, shape, outcome));
    },
  };
}

/** Nothing at all. */
export const noView: View = { every: 60_000, update: () => {}, end: () => {} };

function stepLine(path: string, { in: taken, out, perSecond, bytes, busyMs, dropped, skipped, failed }: StepProgress): string {
  const facts = [
    `${grouped(taken)} in`,
    `${grouped(out)} out`,
    `${grouped(perSecond)} per second`,
    ...(bytes > 0 ? [bytesText(bytes)] : []),
    ...(busyMs > 0 ? [`busy ${workText(busyMs)}`] : []),
    ...(dropped > 0 ? [`${grouped(dropped)} dropped`] : []),
    ...(skipped > 0 ? [`${grouped(skipped)} skipped`] : []),
    ...(failed > 0 ? [`${grouped(failed)} failed`] : []),
  ];
  return `${printable(path)}: ${facts.join(", ")}`;
}

/** The step that has the most to do now stands for all of them; a composite has no more to do than its steps. */
function nowLine(rows: readonly Row[]): string {
  const steps = rows.filter(({ isOpen }) => !isOpen).flatMap(({ counts }) => counts ?? []);
  const [busiest] = steps.toSorted((a, b) => b.perSecond - a.perSecond);
  return busiest === undefined || busiest.perSecond === 0 ? "nothing moves" : stepLine(busiest.path, busiest);
}
