import type { Sample, StepCount } from "./progress.ts";
import type { Shape } from "./shape.ts";

/** What all steps of a run have done together. */
export interface Totals {
  /** The elements that sources have given. */
  readonly read: number;
  /** The bytes that sources have read, as far as they know. */
  readonly bytes: number;
  /** The elements that sinks have taken. */
  readonly written: number;
  readonly dropped: number;
  readonly skipped: number;
  readonly failed: number;
}

/** The totals of a run until now. */
export function totalsOf({ steps }: Sample, { reads, sinks }: Shape): Totals {
  const sumOf = (field: Exclude<keyof StepCount, "path" | "status">, which: readonly StepCount[] = steps): number =>
    which.reduce((sum, step) => sum + step[field], 0);
  const sources = steps.filter(({ path }) => reads.has(path));
  return {
    read: sumOf("out", sources),
    bytes: sumOf("bytes", sources),
    written: sumOf(
      "in",
      steps.filter(({ path }) => sinks.has(path)),
    ),
    dropped: sumOf("dropped"),
    skipped: sumOf("skipped"),
    failed: sumOf("failed"),
  };
}

/**
 * How much of all sources has been read, from 0 to 1; `undefined` until it is known how much there is, and where a source has
 * no end. Each source counts in positions of its own (most of them bytes), so the large ones decide, as they should.
 */
export function fractionRead({ steps }: Sample, { splits, reads, isBounded }: Shape): number | undefined {
  if (!isBounded || splits.size === 0) return undefined;
  const cut = steps.filter(({ path }) => splits.has(path));
  if (cut.length < splits.size || !cut.every(hasCut) || cut.some(isEndless)) return undefined;
  const total = cut.reduce((sum, { positionsTotal }) => sum + positionsTotal, 0);
  const done = steps.filter(({ path }) => reads.has(path)).reduce((sum, { positionsDone }) => sum + positionsDone, 0);
  return total === 0 ? 1 : Math.min(done / total, 1);
}

/** A source without elements gives no parts, so that only the time it took shows that it was asked. */
const hasCut = ({ out, busyMs }: StepCount): boolean => out > 0 || busyMs > 0;

const isEndless = ({ out, positionsTotal }: StepCount): boolean => out > 0 && positionsTotal === 0;
