import type { Instant } from "../../sdk/time.ts";

/** How far a part has got that is read without an end. */
export interface PartStatus {
  /** The part in words, as it was when it was opened. */
  readonly part: string;
  readonly watermark: Instant;
  /** The processing time at which the watermark last moved, or the part was opened. */
  readonly movedAt: Instant;
  /** The processing time at which it last gave something out; nothing before. */
  readonly lastElementAt: Instant | undefined;
  /** The processing time from which on it holds the watermark back no more. */
  readonly idleFrom: Instant;
  /** How much there is to read for now; nothing where that is not known. */
  readonly backlog: number | undefined;
}
