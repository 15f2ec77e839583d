import type { AnyCoder } from "./coders/coder.ts";
import { mustBeDuration } from "./check.ts";
import { isKeyed, type AnyDoFn } from "./do-fn.ts";
import { PipelineError, shortText } from "./errors.ts";
import type { Collection } from "./graph.ts";
import { pairCodersOf } from "./pair.ts";
import { NEVER } from "./time.ts";
import { stateKinds, type StateDeclaration } from "./state/specs.ts";
import type { TimerDeclaration } from "./timer.ts";

/** Refuses state and timers of a DoFn that are declared wrongly. */
export function mustBeStateAndTimers(doFn: AnyDoFn, tags: readonly string[]): void {
  if (doFn.async === true && isKeyed(doFn)) {
    throw new PipelineError("NOT_SUPPORTED", {
      what: "a DoFn that is async has state or timers, and no runner can keep its calls for one key apart yet",
      fix: "wait in a step of its own, by asyncMap(…) before or behind the one with state",
    });
  }
  const { state, timers, timeToLive, lateTo } = doFn;
  for (const [name, spec] of membersOf<StateDeclaration>(state)) {
    if (!stateKinds.has(spec?.kind)) throw undeclared("state", name, spec, "valueState, bagState or one of their like");
  }
  for (const [name, spec] of membersOf<TimerDeclaration>(timers)) {
    if (spec?.domain !== "event" && spec?.domain !== "processing") {
      throw undeclared("timer", name, spec, "eventTimer, processingTimer or one of their families");
    }
  }
  if (timeToLive !== undefined && timeToLive !== NEVER) mustBeDuration("the time to live of a DoFn's state", timeToLive, 1);
  if (lateTo !== undefined) mustBeLateOutput(doFn, lateTo as string, tags);
}

/** Refuses a DoFn with a timer that no callback answers, or a callback that answers no timer. */
export function mustAnswerTimers({ timers, onTimer }: AnyDoFn, at: string): void {
  const names = membersOf<TimerDeclaration>(timers).map(([name]) => name);
  const callbacks = membersOf<unknown>(onTimer);
  for (const name of names) {
    if (callbacks.some(([own, callback]) => own === name && typeof callback === "function")) continue;
    throw new PipelineError("TIMER_WITHOUT_CALLBACK", {
      what: `the timer "${name}" has no callback, so nothing would happen when it is due`,
      at,
      got: callbacks.length === 0 ? "no callbacks at all" : `callbacks for ${callbacks.map(([own]) => own).join(", ")}`,
      fix: `add onTimer: { ${name}(ctx) { … } } to the DoFn`,
    });
  }
  const unknown = callbacks.find(([name]) => !names.includes(name));
  if (unknown === undefined) return;
  throw new PipelineError("BAD_ARGUMENT", {
    what: `the callback "${unknown[0]}" in onTimer answers no timer`,
    at,
    fix: `declare timers: { ${unknown[0]}: eventTimer() }, or remove it`,
  });
}

function mustBeLateOutput(doFn: AnyDoFn, lateTo: string, tags: readonly string[]): void {
  if (tags.includes(lateTo) && isKeyed(doFn)) return;
  throw new PipelineError("BAD_NAME", {
    what: tags.includes(lateTo)
      ? "lateTo is for DoFns with state or timers, since others drop nothing"
      : "lateTo names no output of the DoFn",
    got: shortText(lateTo),
    fix: tags.includes(lateTo) ? "leave it out" : `add outputs: { ${lateTo}: output<T>() } with the type of the input`,
  });
}

const undeclared = (what: string, name: string, got: unknown, by: string): PipelineError =>
  new PipelineError("BAD_ARGUMENT", { what: `the ${what} "${name}" is not declared by ${by}`, got: shortText(got) });

const membersOf = <A>(record: unknown): readonly (readonly [string, A])[] => Object.entries((record ?? {}) as Record<string, A>);

/** The coder of the keys that a DoFn with state works by; an error where the input cannot be worked on so. */
export function mustBeKeyed({ coder, windowing }: Collection, at: string): { readonly keyCoder: AnyCoder } {
  const { keyCoder } = pairCodersOf(coder);
  if (keyCoder.deterministic !== true) {
    throw new PipelineError("KEY_NOT_DETERMINISTIC", {
      what: "a step with state or timers needs keyed input, and its keys have a coder that may give equal keys different bytes",
      at,
      got: `the coder ${keyCoder.name ?? "without a name"}`,
      fix: "give the key a deterministic coder, by withCoder(kvCoder(…)) before this step",
    });
  }
  if (windowing.windowFn.merge !== undefined) {
    throw new PipelineError("STATE_IN_MERGING_WINDOW", {
      what: "a step has state or timers, but its input is in windows that merge, so what it remembers would belong to no window for good",
      at,
      got: `the windows ${windowing.windowFn.name ?? "of a window function that merges"}`,
      fix: "put its input into windows that do not merge, such as the global window",
    });
  }
  return { keyCoder };
}
