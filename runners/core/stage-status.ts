import { NEVER, type Instant } from "../../sdk/time.ts";
import type { Label } from "./batch.ts";
import type { PartStatus } from "./part-status.ts";
import type { Stage } from "./plan.ts";
import type { BlockedLot } from "./side-inputs/blocked-batches.ts";
import type { StageState } from "./stage-state.ts";

/** Where a stage is at one moment. */
export interface StageStatus {
  readonly stage: Stage;
  readonly inputWatermark: Instant;
  readonly outputWatermark: Instant;
  /** How many elements wait, or are in bundles that are out; of a read, how many parts. */
  readonly queued: number;
  /** How many elements the head keeps to itself. */
  readonly held: number;
  /** What waits for side inputs. */
  readonly blocked: readonly Pick<BlockedLot<Label>, "view" | "windowEnd">[];
  readonly blockedElements: number;
  /** The earliest event time of all these; `NEVER` where there are none. */
  readonly earliest: Instant;
  /** What the head keeps its output watermark back at; `NEVER` where it does not. */
  readonly hold: Instant;
  /** The event time that has to be passed for it to do something again; `NEVER` where there is none. */
  readonly nextTimer: Instant;
  /** The same in processing time. */
  readonly nextDeadline: Instant;
  /** Of a read without an end: its parts, those that hold the watermark back the most first. */
  readonly parts: readonly PartStatus[];
  /** How many parts of a read have nothing to give out for now. */
  readonly resting: number;
  /** The processing time at which it was last given something; `NEVER` before. */
  readonly lastAt: Instant;
}

/** Where a stage is, made of what is known of its partitions. */
export function statusOf<B extends Label>({ stage, partitions, ...state }: StageState<B>, now: Instant): StageStatus {
  const isRead = stage.head.kind === "read";
  const least = (instants: readonly Instant[]): Instant => instants.reduce((a, b) => Math.min(a, b), NEVER);
  const sum = (sizes: readonly number[]): number => sizes.reduce((a, b) => a + b, 0);
  const waiting = partitions.flatMap(({ pending, inFlight }) => [...pending, ...(inFlight?.batches ?? [])]);
  const blocked = partitions.flatMap((partition) => [...partition.blocked.lots()]);
  const resting = partitions.flatMap(({ rests }) => rests.holds(now));
  return {
    stage,
    inputWatermark: state.inputWatermark,
    outputWatermark: state.outputWatermark,
    queued: isRead ? waiting.length : sum(waiting.map(({ size }) => size)),
    held: sum(partitions.map(({ held }) => held)),
    blocked: blocked.map(({ view, windowEnd }) => ({ view, windowEnd })),
    blockedElements: sum(blocked.map(({ size }) => size)),
    earliest: least([...waiting, ...blocked].map(({ earliest }) => earliest).concat(resting)),
    hold: least(partitions.map(({ hold }) => hold)),
    nextTimer: least(partitions.map(({ nextTimer }) => nextTimer)),
    nextDeadline: least(partitions.flatMap(({ nextDeadline, nextSynchronizedDeadline }) => [nextDeadline, nextSynchronizedDeadline])),
    parts: partitions.flatMap(({ reading }) => reading).toSorted((a, b) => a.watermark - b.watermark),
    resting: sum(partitions.map(({ rests }) => rests.size)),
    lastAt: state.lastAt,
  };
}
