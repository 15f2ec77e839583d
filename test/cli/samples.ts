import type { Sample, StepCount } from "../../runners/cli/view/progress.ts";
import type { Shape } from "../../runners/cli/view/shape.ts";

/** A step that has done nothing. */
export const idle = {
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
} as const;

/** What steps have done at some time: what they took and gave, and what else there is to say of them. */
export const sample = (
  at: number,
  ...steps: readonly (readonly [path: string, taken: number, out: number, more?: Partial<StepCount>])[]
): Sample => ({ at, now: 0, steps: steps.map(([path, taken, out, more]) => ({ ...idle, path, in: taken, out, ...more })) });

/** The shape of a pipeline with one file read and one written, each a composite. */
export const fileToFile: Shape = {
  splits: new Set(["Read/Split"]),
  reads: new Set(["Read/Read"]),
  sinks: new Set(["Write/Files"]),
  helpers: new Set(["Read/Impulse", "Read/Split", "Write/Names"]),
  ends: ["Write"],
  isBounded: true,
};
