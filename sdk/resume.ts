import { mustBeDuration } from "./check.ts";
import { PipelineError, shortText } from "./errors.ts";
import type { Duration } from "./time.ts";

/** When a read that has nothing for now goes on. */
export interface ResumeOptions {
  /** After how long at the latest, in ms of processing time. */
  readonly after: Duration;
  /**
   * Subscribes to whatever may tell earlier that there is something; answers how to unsubscribe. It is called on the thread that
   * read, is never stored, and is only a hint: to be told too often does no harm.
   */
  readonly wake?: (notify: () => void) => () => void;
}

/** What {@link resume} gives. */
export class Resume {
  /** In ms of processing time. */
  readonly after: Duration;
  /** See {@link ResumeOptions.wake}. */
  readonly wake: ResumeOptions["wake"];

  /** Use {@link resume}. */
  constructor({ after, wake }: ResumeOptions) {
    this.after = after;
    this.wake = wake;
  }
}

/**
 * Says in a read that nothing more is there for now. The bundle ends, and what is left of the part is read on later: a read
 * never waits for data that may never come.
 *
 * @throws PipelineError `BAD_ARGUMENT` when `after` is no duration, or `wake` no function.
 *
 * @example
 * ```ts
 * yield resume({ after: seconds(1) });
 * ```
 */
export function resume(when: ResumeOptions): Resume {
  mustBeDuration("the time after which a read goes on", when?.after, 0);
  if (when.wake !== undefined && typeof when.wake !== "function") {
    throw new PipelineError("BAD_ARGUMENT", {
      what: "wake is a function that subscribes, and answers how to unsubscribe",
      got: shortText(when.wake),
    });
  }
  return new Resume(when);
}
