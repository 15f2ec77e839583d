import { shortText } from "../../sdk/errors.ts";
import type { DeadLetter } from "../../sdk/failure.ts";
import type { FailureSpec } from "../../sdk/graph.ts";
import type { Instant } from "../../sdk/time.ts";
import type { Pane, Window } from "../../sdk/windowing.ts";
import type { Receive } from "./step-context.ts";

/** What a guarded step does with an element that failed for the last time. */
export interface LastResort {
  /** Takes the dead letter of an element; nothing where it is skipped. */
  readonly letter: Receive | undefined;
  readonly onGivenUp: () => void;
}

/**
 * A step that decides in place what happens to an element that fails. The outputs of an element are kept back until its
 * function has returned, so that a failed attempt leaves none of them behind, and what fails further down is not tried again here.
 *
 * @param makeStep - makes the step for given outputs.
 */
export function guarded(
  { attempts, then }: FailureSpec,
  path: string,
  emits: readonly Receive[],
  makeStep: (emits: readonly Receive[]) => Receive,
  { letter, onGivenUp }: LastResort,
): Receive {
  const held: { emit: Receive; value: unknown; timestamp: Instant; windows: readonly Window[]; pane: Pane }[] = [];
  const step = makeStep(
    emits.map(
      (emit): Receive =>
        (value, timestamp, windows, pane) =>
          void held.push({ emit, value, timestamp, windows, pane }),
    ),
  );

  return (value, timestamp, windows, pane) => {
    for (let attempt = 1; ; attempt++) {
      held.length = 0;
      try {
        step(value, timestamp, windows, pane);
        break;
      } catch (error) {
        if (attempt < attempts) continue;
        if (then === "fail") throw error;
        onGivenUp();
        letter?.(deadLetterOf(value, path, error, attempts, timestamp), timestamp, windows, pane);
        return;
      }
    }
    // A copy: what takes an element may come back to this step before the others are out.
    for (const { emit, ...out } of held.splice(0)) emit(out.value, out.timestamp, out.windows, out.pane);
  };
}

/** An element that was given up, with what was thrown as data. */
export function deadLetterOf(element: unknown, step: string, error: unknown, attempts: number, timestamp: Instant): DeadLetter<unknown> {
  const thrown = error instanceof Error ? error : new Error(shortText(error));
  const { name, message, stack } = thrown;
  return { element, step, error: stack === undefined ? { name, message } : { name, message, stack }, attempts, timestamp };
}
