import { PipelineError, shortText } from "./errors.ts";
import { MAX_INSTANT, MIN_INSTANT, type Duration } from "./time.ts";

/**
 * When a window's contents are emitted. A trigger is plain data: the SDK builds it, every runner interprets it with the same
 * machines.
 */
export type Trigger =
  /** Each time the watermark is past the end of the window and there is something new. */
  | { readonly kind: "default" }
  /** Not before the window expires. */
  | { readonly kind: "never" }
  /** For whatever came, each time. */
  | { readonly kind: "always" }
  /** Once, when a pane has this many elements. */
  | { readonly kind: "afterCount"; readonly count: number }
  /** Once, in processing time after the first element of a pane. */
  | {
      readonly kind: "afterProcessingTime";
      readonly delay: Duration;
      /** Then on to the next whole multiple of `period` after `offset`, where it is given. */
      readonly alignment?: { readonly period: Duration; readonly offset: Duration };
    }
  /** Once, when the processing time of all that comes before has passed that of the first element of a pane. */
  | { readonly kind: "afterSynchronizedProcessingTime" }
  /** When the watermark is past the end of the window; before that each time `early` fires, after it each time `late` does. */
  | { readonly kind: "afterWatermark"; readonly early?: Trigger; readonly late?: Trigger }
  /** Each time the trigger fires, which begins anew when it has finished. */
  | { readonly kind: "repeatedly"; readonly trigger: Trigger }
  /** One after the other, each until it finishes; the first that is ready; all once all are ready. */
  | { readonly kind: "afterEach" | "afterFirst" | "afterAll"; readonly triggers: readonly Trigger[] }
  /** Like `main`, until `until` fires: that is the last time. */
  | { readonly kind: "orFinally"; readonly main: Trigger; readonly until: Trigger };

/** Where the firings of {@link afterProcessingTime} are put. */
export interface AlignmentOptions {
  /** Puts the firing off until the next whole multiple of so many ms; more than 0. */
  readonly alignTo?: Duration;
  /** Shifts those multiples, in ms, 0 ≤ offset < alignTo. Default: 0, the multiples since the epoch. */
  readonly offset?: Duration;
}

/** What fires before the watermark has passed the end of a window, and what fires after it. */
export interface EarlyAndLate {
  /** Fires early panes; it begins anew after each. Default: there are none. */
  readonly early?: Trigger;
  /** Fires late panes; it begins anew after each. Default: there are none, and the trigger finishes with the pane on time. */
  readonly late?: Trigger;
}

/**
 * Fires each time the watermark is past the end of the window, if there is something new: once on time, then for late elements as
 * they come. It never finishes. It is what a collection has whose trigger nobody set.
 *
 * @see Beam's `DefaultTrigger`.
 */
export const defaultTrigger = (): Trigger => ({ kind: "default" });

/**
 * Never fires: what a window holds is emitted when the window expires, which is when the watermark is past its end by more than the
 * allowed lateness.
 *
 * @see Beam's `Never`.
 */
export const never = (): Trigger => ({ kind: "never" });

/**
 * Fires for whatever has come, each time that something has. It never finishes. Elements that come together, in one bundle, make
 * one pane.
 */
export const always = (): Trigger => ({ kind: "always" });

/**
 * Fires once, when a pane has at least so many elements, and finishes. A pane may have more: it is looked at when all elements of
 * a bundle are in it.
 *
 * @param count - how many; a whole number, at least 1.
 * @throws PipelineError `BAD_TRIGGER` when it is none.
 *
 * @example
 * ```ts
 * repeatedly(afterCount(2)); // 1, 2, 3, 4, 5, each in a bundle of its own → panes of 1, 2 and of 3, 4; 5 waits
 * ```
 *
 * @see Beam's `AfterPane.elementCountAtLeast`.
 */
export function afterCount(count: number): Trigger {
  mustBe(Number.isSafeInteger(count) && count >= 1, "afterCount takes a whole number of elements, at least 1", shortText(count));
  return { kind: "afterCount", count };
}

/**
 * Fires once, when so much processing time has gone by since the first element of a pane came, and finishes.
 *
 * @param delay - how much, in whole ms, from 0 on.
 * @throws PipelineError `BAD_TRIGGER` when the delay or a setting is out of range.
 *
 * @example
 * ```ts
 * repeatedly(afterProcessingTime(seconds(10)));                          // first element at 12:00:03 → a pane at 12:00:13
 * repeatedly(afterProcessingTime(seconds(10), { alignTo: minutes(1) })); // first element at 12:00:03 → a pane at 12:01:00
 * ```
 *
 * @see Beam's `AfterProcessingTime.pastFirstElementInPane`.
 */
export function afterProcessingTime(delay: Duration, { alignTo, offset = 0 }: AlignmentOptions = {}): Trigger {
  mustBe(
    isDuration(delay, 0),
    "afterProcessingTime takes a delay in whole milliseconds, from 0 on",
    shortText(delay),
    "pass a duration such as seconds(10)",
  );
  if (alignTo === undefined) {
    mustBe(offset === 0, "an offset of afterProcessingTime shifts what alignTo sets, which is not given", shortText(offset));
    return { kind: "afterProcessingTime", delay };
  }
  mustBe(
    isDuration(alignTo, 1) && isDuration(offset, 0) && offset < alignTo,
    "afterProcessingTime aligns to whole milliseconds, more than 0, with an offset from 0 up to them",
    `alignTo ${shortText(alignTo)}, offset ${shortText(offset)}`,
    "pass a duration such as minutes(1)",
  );
  return { kind: "afterProcessingTime", delay, alignment: { period: alignTo, offset } };
}

/**
 * Fires once, when all the work before this step has got to the processing time at which the first element of a pane came, and
 * finishes. It is what {@link afterProcessingTime} becomes behind a grouping: the delay was waited for there.
 *
 * @see Beam's `AfterSynchronizedProcessingTime`.
 */
export const afterSynchronizedProcessingTime = (): Trigger => ({ kind: "afterSynchronizedProcessingTime" });

/**
 * Fires when the watermark is past the end of the window. Without `late` it finishes with that.
 *
 * @param options - what fires before and after that.
 * @throws PipelineError `BAD_TRIGGER` when a part is no trigger.
 *
 * @example
 * ```ts
 * afterWatermark();                                               // one pane on time
 * afterWatermark({ early: afterProcessingTime(minutes(1)), late: afterCount(1) }); // what is there each minute, then all, then late ones
 * ```
 *
 * @see Beam's `AfterWatermark.pastEndOfWindow`; Akidau et al., "The Dataflow Model", VLDB 2015, section 2.3.
 */
export function afterWatermark({ early, late }: EarlyAndLate = {}): Trigger {
  if (early !== undefined) mustBeTrigger("early of afterWatermark", early);
  if (late !== undefined) mustBeTrigger("late of afterWatermark", late);
  return { kind: "afterWatermark", ...(early !== undefined && { early }), ...(late !== undefined && { late }) };
}

/**
 * Fires each time that a trigger fires, which begins anew when it has finished. It never finishes itself.
 *
 * @throws PipelineError `BAD_TRIGGER` when it is given no trigger.
 *
 * @example
 * ```ts
 * repeatedly(afterFirst(afterCount(100), afterProcessingTime(seconds(10)))); // 100 elements, or what came in 10 s, over and over
 * ```
 *
 * @see Beam's `Repeatedly.forever`.
 */
export function repeatedly(trigger: Trigger): Trigger {
  mustBeTrigger("what is repeated", trigger);
  return { kind: "repeatedly", trigger };
}

/**
 * Fires as its first trigger does until that has finished, then as the next one, and finishes with the last. A trigger whose turn
 * comes by a firing is first asked when something comes or a time is reached, not at once.
 *
 * @param triggers - at least two.
 * @throws PipelineError `BAD_TRIGGER` when there are fewer, or one is no trigger.
 *
 * @example
 * ```ts
 * afterEach(afterCount(1), repeatedly(afterCount(100))); // a pane for the first element, then one for each hundred
 * ```
 *
 * @see Beam's `AfterEach.inOrder`.
 */
export const afterEach = (...triggers: readonly Trigger[]): Trigger => listed("afterEach", triggers);

/**
 * Fires once, when one of its triggers is ready, and finishes.
 *
 * @param triggers - at least two.
 * @throws PipelineError `BAD_TRIGGER` when there are fewer, or one is no trigger.
 *
 * @see Beam's `AfterFirst.of`.
 */
export const afterFirst = (...triggers: readonly Trigger[]): Trigger => listed("afterFirst", triggers);

/**
 * Fires once, when all of its triggers are ready, and finishes, also around {@link repeatedly}.
 *
 * @param triggers - at least two.
 * @throws PipelineError `BAD_TRIGGER` when there are fewer, or one is no trigger.
 *
 * @see Beam's `AfterAll.of`.
 */
export const afterAll = (...triggers: readonly Trigger[]): Trigger => listed("afterAll", triggers);

/**
 * Fires as `main` does, until `until` is ready: then it fires for the last time. It finishes with `main` as well. Other than
 * `main`, `until` looks at all that has come, not at what came since the last pane.
 *
 * @throws PipelineError `BAD_TRIGGER` when a part is no trigger.
 *
 * @example
 * ```ts
 * orFinally(repeatedly(afterCount(10)), afterWatermark()); // each ten elements, the rest on time, then no more
 * ```
 *
 * @see Beam's `Trigger.orFinally`.
 */
export function orFinally(main: Trigger, until: Trigger): Trigger {
  mustBeTrigger("the first part of orFinally", main);
  mustBeTrigger("the second part of orFinally", until);
  return { kind: "orFinally", main, until };
}

function listed(kind: "afterEach" | "afterFirst" | "afterAll", triggers: readonly Trigger[]): Trigger {
  mustBe(triggers.length >= 2, `${kind} takes at least two triggers`, `${triggers.length}`);
  triggers.forEach((trigger, i) => mustBeTrigger(`part ${i + 1} of ${kind}`, trigger));
  return { kind, triggers };
}

const kinds: Readonly<Record<Trigger["kind"], true>> = {
  default: true,
  never: true,
  always: true,
  afterCount: true,
  afterProcessingTime: true,
  afterSynchronizedProcessingTime: true,
  afterWatermark: true,
  repeatedly: true,
  afterEach: true,
  afterFirst: true,
  afterAll: true,
  orFinally: true,
};

/** Whether something is a trigger with all its parts, whoever made it. */
export function isTrigger(value: unknown): value is Trigger {
  if (typeof value !== "object" || value === null || !("kind" in value) || !Object.hasOwn(kinds, value.kind as string)) return false;
  const { kind, count, delay, triggers, ...named } = value as { readonly kind: Trigger["kind"] } & Record<string, unknown>;
  if (kind === "afterCount") return isCount(count);
  if (kind === "afterProcessingTime") return isDuration(delay, 0);
  if (kind === "afterEach" || kind === "afterFirst" || kind === "afterAll")
    return Array.isArray(triggers) && triggers.length > 0 && triggers.every(isTrigger);
  const needed = kind === "repeatedly" ? ["trigger"] : kind === "orFinally" ? ["main", "until"] : [];
  const given = Object.keys(named).filter((part) => named[part] !== undefined);
  return [...needed, ...given].every((part) => isTrigger(named[part]));
}

const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 1;

function mustBeTrigger(which: string, value: unknown): void {
  mustBe(isTrigger(value), `${which} is a trigger`, shortText(value), "pass what a function such as afterCount(100) gives");
}

const isDuration = (value: unknown, least: number): boolean =>
  Number.isSafeInteger(value) && (value as number) >= least && (value as number) <= MAX_INSTANT - MIN_INSTANT;

function mustBe(holds: boolean, what: string, got: string, fix?: string): void {
  if (!holds) throw new PipelineError("BAD_TRIGGER", { what, got, fix });
}
