import type { Instant } from "./time.ts";

/** How far a step is. */
export interface StepStatus {
  /** The full path. */
  readonly step: string;
  /** Nothing earlier comes out of it any more, unless it is late. `MIN_INSTANT` while nothing is known, `MAX_INSTANT` when it is done. */
  readonly watermark: Instant;
  /** How many elements wait in front of it, or are with it and not worked on yet. */
  readonly queued: number;
  /** Of a read: how much there is to read now, as far as its source says it; see `UnboundedSource.backlog`. */
  readonly backlog?: number;
}

/** What keeps a watermark where it is. */
export interface WatermarkHolder {
  /** The step that keeps it back. */
  readonly step: string;
  /** The part of a source that does, in words. */
  readonly part?: string;
  /** The processing time at which the step, or the part, last had an element. */
  readonly lastElementAt?: Instant;
}

/** Why there is nothing from a step, or no more. */
export interface Why {
  /** The step that was asked about. */
  readonly step: string;
  /** The step at which things stand: itself, or one before it. */
  readonly at: string;
  /**
   * What it waits for. `done`: nothing, there is nothing left to do. `busy`: it, or a step before it, has elements to work on.
   * `watermark`: event time has to go on. `processingTime`: the clock has to. `sideInput`: a window of a side input has to end.
   * `calls`: what the calls of an async step wait for. `source`: something to read. `commit`: the end of what a sink writes.
   */
  readonly reason: "done" | "busy" | "watermark" | "processingTime" | "sideInput" | "calls" | "source" | "commit";
  /** The instant that the watermark, or processing time, has to pass. */
  readonly until?: Instant;
  /** Where the watermark is that has to pass it. */
  readonly watermark?: Instant;
  /** What keeps that watermark back. */
  readonly heldBy?: WatermarkHolder;
  /** All of this as a sentence or two. */
  readonly text: string;
}
