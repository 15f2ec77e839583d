import type { MetricResult } from "../../../sdk/metrics.ts";
import type { StepStatus, Why } from "../../../sdk/step-status.ts";

/** What a step has done so far. */
export interface StepCount {
  /** The step's full path. */
  readonly path: string;
  /** The elements that it has taken. */
  readonly in: number;
  /** The elements that it has given. */
  readonly out: number;
  /** The bytes that a read has read, where its source knows. */
  readonly bytes: number;
  /** How long bundles have taken that begin with this step, in ms, on all threads together, with what they have exchanged. */
  readonly busyMs: number;
  /** The elements that were too late, or came too fast. */
  readonly dropped: number;
  /** Those of them that were too late. */
  readonly late: number;
  /** The elements that the step's failure policy has skipped. */
  readonly skipped: number;
  /** The elements that became dead letters. */
  readonly failed: number;
  /** How much of its parts a read has read. */
  readonly positionsDone: number;
  /** How much the parts of a source hold; nothing where it has no end. */
  readonly positionsTotal: number;
  /** How far it is, where that is looked at; see `StepStatus`. */
  readonly status?: Omit<StepStatus, "step">;
}

/** The counts of all steps at one moment. */
export interface Sample {
  /** Since the run started, in ms. */
  readonly at: number;
  /** The time of the clock, in ms since the epoch. */
  readonly now: number;
  /** What a step waits for. */
  readonly why?: (step: string) => Why;
  readonly steps: readonly StepCount[];
}

/** A step's counts and its pace. */
export interface StepProgress extends StepCount {
  /** Elements a second: those given or those taken, whichever are more, so that neither a source nor a sink seems to stand still. */
  readonly perSecond: number;
}

/** Where each counter that the engine keeps is added to. */
const fields: ReadonlyMap<string, Exclude<keyof StepCount, "path" | "status">> = new Map([
  ["elements_in", "in"],
  ["elements_out", "out"],
  ["bytes", "bytes"],
  ["busy_ms", "busyMs"],
  ["exchange_ms", "busyMs"],
  ["dropped_late", "dropped"],
  ["dropped_closed", "dropped"],
  ["dropped_overflow", "dropped"],
  ["skipped", "skipped"],
  ["failed", "failed"],
  ["positions_done", "positionsDone"],
  ["positions_total", "positionsTotal"],
]);

const lateNames: ReadonlySet<string> = new Set(["dropped_late", "dropped_closed"]);

/** Whether the engine keeps a metric. A counter of the user's may bear the same name, in a namespace of its own. */
export const isEngineCounter = ({ step, namespace, name, kind }: MetricResult): boolean =>
  kind === "counter" && namespace === step && fields.has(name);

const nothing = {
  in: 0,
  out: 0,
  bytes: 0,
  busyMs: 0,
  dropped: 0,
  late: 0,
  skipped: 0,
  failed: 0,
  positionsDone: 0,
  positionsTotal: 0,
} as const satisfies Omit<StepCount, "path" | "status">;

/** What a runner says of each step, in the order in which its metrics give the steps. */
export function stepCounts(metrics: readonly MetricResult<"counter">[], statuses: readonly StepStatus[] = []): readonly StepCount[] {
  const counts = new Map<string, { -readonly [N in keyof StepCount]: StepCount[N] }>();
  for (const metric of metrics) {
    if (!isEngineCounter(metric)) continue;
    const { step, name, committed } = metric;
    const field = fields.get(name)!;
    let count = counts.get(step);
    if (count === undefined) counts.set(step, (count = { path: step, ...nothing }));
    count[field] += committed;
    if (lateNames.has(name)) count.late += committed;
  }
  const statusOf = new Map(statuses.map(({ step, ...status }) => [step, status]));
  return [...counts.values()].map((count) => {
    const status = statusOf.get(count.path);
    return status === undefined ? count : { ...count, status };
  });
}

/** The counts of `now`, and the pace since `before`; a step that was not there then has started from nothing. */
export function progressBetween(before: Sample, now: Sample): readonly StepProgress[] {
  const earlier = new Map(before.steps.map((step) => [step.path, step]));
  const seconds = (now.at - before.at) / 1_000;
  return now.steps.map((step) => {
    const { in: taken, out: given } = earlier.get(step.path) ?? nothing;
    const more = Math.max(step.in - taken, step.out - given);
    return { ...step, perSecond: seconds > 0 ? Math.round(more / seconds) : 0 };
  });
}

/** Before a run: what its pace over all is measured from. */
export const start: Sample = { at: 0, now: 0, steps: [] };
