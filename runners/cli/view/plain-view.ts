import { percentText } from "./bar.ts";
import { bytesText, grouped, lagText, timeText, workText } from "./numbers.ts";
import { metricLine } from "./own-metrics.ts";
import { progressBetween, start, type Sample, type StepProgress } from "./progress.ts";
import { rowsOf, type Row } from "./rows.ts";
import type { Shape } from "./shape.ts";
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
      const lag = shape.isBounded ? "" : lagOf(now, shape);
      print(`${timeText(now.at)}: ${read}${nowLine(rowsBetween(before, now))}${lag}`);
      before = now;
    },
    end(now, outcome) {
      for (const row of rowsBetween(start, now)) if (row.counts !== undefined) print(stepLine(row.path, row.counts));
      for (const metric of outcome.metrics ?? []) print(metricLine(metric));
      print(summaryOf(now, shape, outcome));
    },
  };
}

/** The step that is furthest behind the clock, of those that nothing comes after. */
function lagOf({ steps, now }: Sample, { ends }: Shape): string {
  const last = steps.filter(({ path, status }) => ends.includes(path) && status !== undefined);
  const [behind] = last.toSorted((a, b) => a.status!.watermark - b.status!.watermark);
  const lag = behind === undefined ? "" : lagText(behind.status!.watermark, now);
  return lag === "" ? "" : `; the watermark of ${printable(behind!.path)} lags ${lag}`;
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
