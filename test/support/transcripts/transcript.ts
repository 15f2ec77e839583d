import type { AnyWindowFn, Duration, Instant, Pane } from "millrace";
import type { WindowedSettings } from "../../../runners/conformance/cases/windowed.ts";

/** A story of elements, watermarks and processing time, and of what comes out of a grouping meanwhile. */
export interface Transcript {
  readonly name: string;
  readonly windowFn: AnyWindowFn;
  readonly settings: WindowedSettings;
  readonly steps: readonly Step[];
}

/** Something that happens, and what is to come of it. */
export interface Step {
  readonly action: Action;
  /** What comes out of it, in any order; where nothing is said, nothing may come. */
  readonly expected?: readonly ExpectedPane[];
  /** How much was dropped since the start; not looked at where nothing is said. */
  readonly dropped: Partial<Dropped>;
  /** Where it stands, as `file:line`. */
  readonly at: string;
}

export type Action =
  | { readonly kind: "elements"; readonly elements: readonly TimedValue[] }
  | { readonly kind: "watermark"; readonly to: Instant }
  | { readonly kind: "processingTime"; readonly by: Duration };

export interface TimedValue {
  readonly value: Scalar;
  readonly timestamp: Instant;
}

export type Scalar = string | number | boolean | null;

/** What came out of a grouping, as transcripts write it. */
export interface PaneFacts {
  /** `[0,10)`, or `global`. */
  readonly window: string;
  readonly values: readonly Scalar[];
  readonly timing: Pane["timing"];
  readonly index: number;
  readonly nonSpeculative: number;
  readonly timestamp: Instant;
  readonly first: boolean;
  readonly last: boolean;
}

/** A pane that is to come out. */
export interface ExpectedPane {
  /** What is said of it; what is not said may be anything. */
  readonly said: Partial<PaneFacts>;
  /** Where it stands, as `file:line`. */
  readonly at: string;
}

/** How many elements were dropped because their window had expired, or because it was closed; once for each window. */
export interface Dropped {
  readonly late: number;
  readonly closed: number;
}

/** A transcript that is not one; the text says where. */
export class TranscriptError extends Error {
  override readonly name = "TranscriptError";
  readonly code = "BAD_TRANSCRIPT";
  /** What stands there, as `file:line`. */
  readonly at: string;

  constructor(what: string, at: string) {
    super(`BAD_TRANSCRIPT: ${what} at "${at}".`);
    this.at = at;
  }
}
