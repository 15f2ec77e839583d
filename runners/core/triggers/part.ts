import type { Instant } from "../../../sdk/time.ts";
import type { TriggerMachine } from "./machine.ts";

/**
 * A machine that may be a part of another one. That other one fires for its parts, so it may have to tell them.
 *
 * What a part remembers is of two kinds: what it knows of the pane that is being filled, and whether it has finished. The pane goes
 * with each firing, whoever fired; that it has finished stays.
 */
export interface TriggerPart<S = unknown> extends TriggerMachine<S> {
  /** The pane was emitted, or is no concern of this part: what it knew of it is gone. */
  readonly cleared: (state: S) => S;
  /** What it is a part of has finished with it. */
  readonly closed: (state: S) => S;
  /** What it is a part of makes it begin anew, although it had finished. */
  readonly reopened: (state: S) => S;
}

/** A part whose memory whoever holds it does not look into. */
// oxlint-disable-next-line typescript/no-explicit-any
export type AnyPart = TriggerPart<any>;

/** The earliest of the times at which some parts have to be asked again. */
export function earliest(
  parts: readonly AnyPart[],
  states: readonly unknown[],
  which: "deadline" | "synchronizedDeadline",
  now: Instant | undefined,
): Instant {
  return Math.min(...parts.map((part, i) => part[which](states[i], now)));
}

/** What each part makes of its own state; the same list where none makes anything new of it, so that states are shared. */
export function eachState(
  parts: readonly AnyPart[],
  states: readonly unknown[],
  next: (part: AnyPart, state: unknown, i: number) => unknown,
): readonly unknown[] {
  const after = parts.map((part, i) => next(part, states[i], i));
  return after.every((state, i) => state === states[i]) ? states : after;
}
