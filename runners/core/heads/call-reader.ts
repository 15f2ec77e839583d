import { PipelineError, shortText } from "../../../sdk/errors.ts";
import { Resume } from "../../../sdk/resume.ts";
import type { OffsetRange } from "../../../sdk/source.ts";
import type { AnySplittableDoFn } from "../../../sdk/splittable.ts";
import type { Instant } from "../../../sdk/time.ts";
import { NO_FIRING } from "../../../sdk/windowing.ts";
import { stepFailed } from "../failures.ts";
import { BundleMetrics } from "../metric-container.ts";
import { OffsetTracker } from "../offset-tracker.ts";
import type { Step } from "../plan.ts";
import type { Views } from "../side-inputs/views.ts";
import type { Pass, StageLoop } from "../stage-loop.ts";
import { mustBeInstant } from "../timestamps.ts";
import { AsyncCall, type Emission } from "./async-call.ts";
import { readOrder, type Part, type Progress, type Reader, type ReadSurroundings, type Turn } from "./reader.ts";

/** A call is refused further claims when it has given out so many elements. */
const MOST_GIVEN = 1_024;

/** What the calls of a splittable DoFn need. */
export interface CallSurroundings extends ReadSurroundings {
  readonly step: Step;
  readonly options: Readonly<Record<string, unknown>>;
  readonly views: Views;
}

/** Works on the parts of a splittable DoFn, which are pairs of an element and a range: one call for each part and bundle. */
export function callReader(doFn: AnySplittableDoFn, surroundings: CallSurroundings): Reader {
  const { step, options, views, clock, path } = surroundings;
  const metrics = new BundleMetrics(path, clock.now);
  const call = new AsyncCall(step, options, views, metrics);
  const isUnbounded = doFn.unbounded === true;
  return {
    watermark: doFn.watermark,
    idleTimeout: doFn.idleTimeout,
    shareMs: Infinity,
    order: readOrder(!isUnbounded, doFn.watermark),
    partOf: (value) => {
      const [element, range] = value as readonly [unknown, OffsetRange];
      return { element, range };
    },
    valueOf: ({ element }, left) => [element, left],
    open: () => ({ read: (part, turn) => worked(call, part, turn, surroundings, isUnbounded), stop: () => {}, close: async () => {} }),
    cut: async ({ element, range }, count) => {
      if (doFn.split === undefined) return [range];
      const ranges = (await doFn.split(range as never, count, element as never)) as readonly OffsetRange[];
      return ranges.filter(({ from, to }) => from < to);
    },
    backlogOf: async ({ element, range }) => {
      try {
        return (await doFn.backlog?.(range as never, element as never)) as number | undefined;
      } catch (error) {
        throw stepFailed(path, element, error);
      }
    },
    truncate: ({ element, range }) => {
      if (doFn.truncate !== undefined) return doFn.truncate(range as never, element as never) as OffsetRange | undefined;
      return isUnbounded ? undefined : range;
    },
    startBundle: (processingTime) => call.startBundle(processingTime),
    finishBundle: async (processingTime, steps, pass) => emit(await call.finishBundle(processingTime), undefined, steps, pass),
    takeMetrics: () => metrics.take(),
    close: () => call.tearDown(),
  };
}

/** One call. What it gave out leaves when it has succeeded. */
async function worked(
  call: AsyncCall,
  part: Part,
  { until, estimator, steps, pass }: Turn,
  { path, clock, signal, elementsPerBundle }: CallSurroundings,
  isUnbounded: boolean,
): Promise<Progress> {
  const { element, range, stamp } = part;
  const emissions: Emission[] = [];
  const onCommit: (() => void | Promise<void>)[] = [];
  const isOver = (): boolean => emissions.length >= MOST_GIVEN || clock.monotonic() >= until;
  const tracker = new OffsetTracker(range, { most: elementsPerBundle, isOver });
  const extra = {
    restriction: range,
    tracker,
    signal,
    watermark: (watermark: Instant): void => {
      mustBeInstant("the watermark of a splittable DoFn", watermark);
      estimator?.set?.(watermark);
    },
    onCommit: (callback: () => void | Promise<void>): void => void onCommit.push(callback),
  };
  try {
    const returned = await call.process(element, stamp, extra, emissions);
    const rest = restOf(returned, isUnbounded);
    if (rest === undefined) tracker.checkDone();
    if (signal.aborted) throw signal.reason;
    if (estimator?.observe !== undefined) for (const { timestamp } of emissions) estimator.observe(timestamp);
    emit(emissions, part, steps, pass);
    return { left: tracker.residual, rest, isOver: true, given: emissions.length, bytes: 0, dropped: 0, onCommit };
  } catch (error) {
    throw signal.aborted ? error : stepFailed(path, element, error);
  }
}

function restOf(returned: unknown, isUnbounded: boolean): Resume | undefined {
  if (returned === undefined) return undefined;
  if (returned instanceof Resume && isUnbounded) return returned;
  throw new PipelineError("BAD_ARGUMENT", {
    what:
      returned instanceof Resume
        ? "process of a splittable DoFn says that it goes on later, and the DoFn does not say that its work may have no end"
        : "process of a splittable DoFn returned a value, which would be lost",
    got: returned instanceof Resume ? undefined : shortText(returned),
    fix: returned instanceof Resume ? "add unbounded: true to the DoFn" : "give elements out by ctx.output(…), or return resume(…)",
  });
}

function emit(emissions: readonly Emission[], part: Part | undefined, steps: StageLoop, pass: Pass): void {
  for (const { output, value, timestamp, windows } of emissions) {
    steps.emit(output, value, { timestamp, windows: windows ?? part!.stamp.windows, pane: part?.stamp.pane ?? NO_FIRING }, pass);
  }
}
