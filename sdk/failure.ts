import type { AnyCoder } from "./coders/coder.ts";
import { numberCoder } from "./coders/number.ts";
import { rowCoder } from "./coders/row.ts";
import { stringCoder } from "./coders/string.ts";
import { structuralCoder } from "./coders/structural.ts";
import type { Duration, Instant } from "./time.ts";

/** How long to wait before an element is tried again. */
export interface Backoff {
  /** Before the second attempt, in ms. */
  readonly first: Duration;
  /** How much longer each further wait is; 2 unless given, at least 1. */
  readonly factor?: number;
  /** The longest wait, in ms; none unless given. */
  readonly most?: Duration;
  /** Whether each wait is cut short by chance, so that many elements do not try again at once; `false` unless given. */
  readonly jitter?: boolean;
}

/** What happens to an element for which a step throws. */
export type Verdict = "fail" | "skip" | "deadLetter";

/** What a step does when its function throws. */
export interface FailurePolicy<out Then extends Verdict = Verdict> {
  /** How often an element is tried in all; 1 unless given. */
  readonly attempts?: number;
  /** How long to wait between attempts; not at all unless given. */
  readonly backoff?: Backoff;
  /** What happens after the last attempt: the run fails, the element is skipped and counted, or it goes to the output `failed`. */
  readonly then: Then;
}

/** An element for which a step threw, on its last attempt too. */
export interface DeadLetter<out In> {
  /** The step's input. */
  readonly element: In;
  /** The path of the step. */
  readonly step: string;
  /** What was thrown, as data. */
  readonly error: { readonly name: string; readonly message: string; readonly stack?: string };
  /** How often it was tried. */
  readonly attempts: number;
  /** The event time of the element, in ms since the epoch. */
  readonly timestamp: Instant;
}

/** The coder of the dead letters of elements that have this coder. */
export function deadLetterCoder(elementCoder: AnyCoder): AnyCoder {
  const [step, error, attempts, timestamp] = [stringCoder, structuralCoder, numberCoder, numberCoder];
  return elementCoder === structuralCoder ? structuralCoder : rowCoder({ element: elementCoder, step, error, attempts, timestamp });
}
