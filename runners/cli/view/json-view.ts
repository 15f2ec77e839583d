import { PipelineError } from "../../../sdk/errors.ts";
import { MIN_INSTANT } from "../../../sdk/time.ts";
import { globalWindow } from "../../../sdk/windows/global.ts";
import { metricData } from "./own-metrics.ts";
import { progressBetween, start, type Sample, type StepProgress } from "./progress.ts";
import type { Shape } from "./shape.ts";
import { fractionRead, totalsOf } from "./totals.ts";
import type { View, ViewOptions } from "./view.ts";

/**
 * One JSON object a line, for programs: `progress` once a second, and `result` at the end. Each has a time in seconds and the
 * counts of every step; `fractionRead` is there where it is known, and of a step's counts those that say something. The result
 * has the `metrics` that steps keep themselves, where they keep some. In a run without an end steps have their `watermark`, `lagMs`,
 * `backlog`, `queue` and `late` elements.
 */
export function jsonView(print: (line: string) => void, { shape }: Pick<ViewOptions, "shape">): View {
  let before = start;
  return {
    every: 1_000,
    update(now) {
      const fraction = fractionRead(now, shape);
      const read = fraction === undefined ? {} : { fractionRead: fraction };
      print(JSON.stringify({ event: "progress", seconds: secondsOf(now), ...read, steps: stepsBetween(before, now, shape) }));
      before = now;
    },
    end(now, { pipeline, state, error, metrics = [] }) {
      const failure = error === undefined && state !== "FAILED" ? {} : { error: errorData(error) };
      const counts = { seconds: secondsOf(now), totals: totalsOf(now, shape), steps: stepsBetween(start, now, shape) };
      const own = metrics.length === 0 ? {} : { metrics: metrics.map(metricData) };
      print(JSON.stringify({ event: "result", pipeline, state, ...failure, ...counts, ...own }));
    },
  };
}

const secondsOf = ({ at }: Sample): number => Math.round(at) / 1_000;

const stepsBetween = (before: Sample, now: Sample, { isBounded }: Shape): readonly object[] =>
  progressBetween(before, now).map((step) => ({ ...stepData(step), ...(isBounded ? {} : timeData(step, now)) }));

/** How far a step is, where the run has no end; nothing of the ends of time. */
function timeData({ status, late }: StepProgress, { now }: Sample): object {
  if (status === undefined) return {};
  const { watermark, queued, backlog } = status;
  const isKnown = watermark > MIN_INSTANT && watermark < globalWindow.maxTimestamp;
  return {
    ...(isKnown ? { watermark: new Date(watermark).toISOString(), lagMs: Math.max(0, now - watermark) } : {}),
    ...(backlog === undefined ? {} : { backlog }),
    queue: queued,
    ...(late > 0 ? { late } : {}),
  };
}

function stepData({ path, in: taken, out, perSecond, bytes, busyMs, dropped, skipped, failed }: StepProgress): object {
  const further = { bytes, busyMs: Math.round(busyMs), dropped, skipped, failed };
  return { step: path, in: taken, out, perSecond, ...Object.fromEntries(Object.entries(further).filter(([, amount]) => amount > 0)) };
}

function errorData(error: unknown): object {
  if (error instanceof PipelineError) {
    const { what, at, got, fix, cause } = error.parts;
    return { code: error.code, what, at, got, fix, ...(cause === undefined ? {} : { cause: errorData(cause) }) };
  }
  return error instanceof Error ? { name: error.name, message: error.message, stack: error.stack } : { message: String(error) };
}
