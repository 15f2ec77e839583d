import { PipelineError, shortText } from "./errors.ts";
import type { Duration } from "./time.ts";
import { isTrigger, type Trigger } from "./trigger.ts";
import type { Accumulation, AnyWindowFn, Firing, TimestampCombiner, WindowingStrategy } from "./windowing.ts";

/** The settings of windowing that need no other. What is not named is inherited from the input. */
export interface WindowingSettings {
  /**
   * How long after the end of a window elements may still come, in whole ms of event time. It never shrinks: less than the
   * input's changes nothing. More than 0 needs an accumulation mode.
   */
  readonly allowedLateness?: Duration;
  /** Which time a pane has. */
  readonly timestampCombiner?: TimestampCombiner;
  /** Whether the last pane of a window is emitted even if there is nothing new. */
  readonly closing?: Firing;
  /** Whether the pane that the end of the window fires is emitted even if there is nothing new. */
  readonly onTime?: Firing;
  /** Whether groupings take a trigger that may finish, after which elements are dropped. */
  readonly allowUnsafeTriggers?: boolean;
}

/** What {@link windowInto} takes besides the window function. A trigger needs an accumulation mode. */
export type WindowingOptions = WindowingSettings &
  ({ readonly trigger: Trigger; readonly accumulation: Accumulation } | { readonly trigger?: never; readonly accumulation?: Accumulation });

/** What {@link withWindowing} takes. */
export interface InheritingOptions extends WindowingSettings {
  /** When a grouping emits a pane. It needs an accumulation mode, here or from before. */
  readonly trigger?: Trigger;
  /** Whether a pane repeats what earlier panes of its window held. */
  readonly accumulation?: Accumulation;
}

/**
 * A windowing with some settings changed.
 *
 * @param at - the path of the step that changes them.
 * @throws PipelineError `BAD_WINDOWING` for a setting that is none, and where an accumulation mode is missing.
 */
export function changedBy(before: WindowingStrategy, options: InheritingOptions, at: string): WindowingStrategy {
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  for (const [name, value] of given) mustBeSetting(name, value, at);
  const changed: WindowingStrategy = { ...before, ...(Object.fromEntries(given) as InheritingOptions) };
  const allowedLateness = Math.max(before.allowedLateness, changed.allowedLateness);
  mustHaveAccumulation({ ...changed, allowedLateness }, at);
  return Object.freeze({ ...changed, allowedLateness });
}

/** Which values a setting may have, in words, and whether one does. */
interface Setting {
  readonly values: string;
  readonly takes: (value: unknown) => boolean;
}

const oneOf = (...values: readonly string[]): Setting => ({
  values: values.map((value) => JSON.stringify(value)).join(" or "),
  takes: (value) => values.includes(value as string),
});

const settings: Readonly<Record<keyof InheritingOptions, Setting>> = {
  trigger: { values: "a trigger such as afterWatermark()", takes: isTrigger },
  accumulation: oneOf("discarding", "accumulating"),
  allowedLateness: {
    values: "a duration in whole ms, at least 0",
    takes: (value) => Number.isSafeInteger(value) && (value as number) >= 0,
  },
  timestampCombiner: oneOf("earliest", "latest", "endOfWindow"),
  closing: oneOf("always", "ifNonEmpty"),
  onTime: oneOf("always", "ifNonEmpty"),
  allowUnsafeTriggers: { values: "true or false", takes: (value) => typeof value === "boolean" },
};

function mustBeSetting(name: string, value: unknown, at: string): void {
  if (!Object.hasOwn(settings, name)) {
    throw new PipelineError("BAD_WINDOWING", {
      what: `windowing has no setting "${name}"`,
      at,
      fix: `it has ${Object.keys(settings).join(", ")}`,
    });
  }
  const { values, takes } = settings[name as keyof InheritingOptions];
  if (!takes(value))
    throw new PipelineError("BAD_WINDOWING", { what: `the setting ${name} of windowing is ${values}`, at, got: shortText(value) });
}

/** Where a window may emit several panes, somebody has to say how they go together. */
function mustHaveAccumulation({ trigger, allowedLateness, accumulation }: WindowingStrategy, at: string): void {
  if (accumulation !== undefined || (trigger.kind === "default" && allowedLateness === 0)) return;
  throw new PipelineError("BAD_WINDOWING", {
    what: "a window that may emit several panes needs the setting accumulation, which says whether a pane repeats earlier ones",
    at,
    got: trigger.kind === "default" ? `an allowed lateness of ${allowedLateness} ms` : `the trigger ${trigger.kind}`,
    fix: 'add accumulation: "discarding" or accumulation: "accumulating"',
  });
}

/**
 * Refuses what is no window function, or one whose windows could not be told apart.
 *
 * @throws PipelineError `BAD_WINDOW`.
 */
export function mustBeWindowFn(windowFn: AnyWindowFn, at: string): void {
  const { assign, windowCoder } = (windowFn ?? {}) as Partial<AnyWindowFn>;
  if (typeof assign !== "function" || typeof windowCoder?.encode !== "function") {
    throw new PipelineError("BAD_WINDOW", {
      what: "windowInto takes a window function, which is an object with a method assign and a windowCoder",
      at,
      got: shortText(windowFn),
      ...(typeof windowFn === "function" ? { fix: "call it: fixedWindows(…), not fixedWindows" } : {}),
    });
  }
  if (windowCoder.deterministic === true) return;
  throw new PipelineError("BAD_WINDOW", {
    what: "the coder of a window function may give equal windows different bytes, so elements of one window would not meet",
    at,
    got: `the coder ${windowCoder.name ?? "without a name"}`,
    fix: "if equal windows do have equal bytes, let the coder say deterministic: true",
  });
}
