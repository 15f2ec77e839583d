import { PipelineError, shortText } from "../../sdk/errors.ts";
import { MIN_INSTANT, type Duration, type Instant } from "../../sdk/time.ts";
import { globalWindow } from "../../sdk/windows/global.ts";

/** Whether a number is a time that elements may have. */
export const isInstant = (time: unknown): time is Instant =>
  Number.isInteger(time) && (time as number) >= MIN_INSTANT && (time as number) <= globalWindow.maxTimestamp;

/** Refuses a number that is no time. */
export function mustBeInstant(what: string, time: unknown): void {
  if (isInstant(time)) return;
  throw new PipelineError("BAD_TIMESTAMP", {
    what: `${what} is no instant`,
    got: shortText(time),
    fix: "give whole milliseconds since the epoch, from MIN_INSTANT to a day before MAX_INSTANT",
  });
}

/**
 * The time that a step gives an element, if it may: a time further back than the allowed skew could be behind a watermark
 * that has promised not to see it.
 */
export function movedTo(time: unknown, from: Instant, allowedSkew: Duration): Instant {
  if (!isInstant(time)) {
    throw new PipelineError("BAD_TIMESTAMP", {
      what: "a step gave an element a time that is no instant",
      got: shortText(time),
      fix: "give whole milliseconds since the epoch, from MIN_INSTANT to a day before MAX_INSTANT",
    });
  }
  if (time >= from - allowedSkew) return time;
  throw new PipelineError("BAD_TIMESTAMP", {
    what: "an output must be no earlier than the input's timestamp minus the allowed skew",
    got: `an output at ${time}; the input is at ${from}, the allowed skew is ${allowedSkew} ms`,
    fix: "set allowedSkew to the largest distance that occurs, knowing that such elements may be late",
  });
}
