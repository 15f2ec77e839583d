import { PipelineError, shortText } from "../../sdk/errors.ts";
import { usesContext, type ElementFn } from "../../sdk/graph.ts";
import type { Instant } from "../../sdk/time.ts";
import type { AnyWindowFn, Window } from "../../sdk/windowing.ts";
import { doFnStep } from "./do-fn-step.ts";
import { mergeOverlapping } from "../../sdk/windows/sessions.ts";
import { guarded } from "./guard.ts";
import { isCalled, type Step } from "./plan.ts";
import { readViews, type ReadViews } from "./side-inputs/read-views.ts";
import type { StageHost, StepHost } from "./stage-loop.ts";
import { ElementContextOf, perWindow, type Receive } from "./step-context.ts";
import { movedTo } from "./timestamps.ts";
import { isWindow } from "./window-identity.ts";

/** Says which step runs from here on, and what it was given. */
export type Enter = (number: number, value: unknown) => void;

/** Whether what a step gives out is not in a value but in calls of a function: DoFns, and steps with a failure policy. */
export const isOpaque = ({ fn, failure }: Step): boolean => fn.kind === "doFn" || failure !== undefined;

/** A step that emits by calls. */
export function opaqueStep(host: StageHost, number: number, emits: readonly Receive[], enter: Enter): Receive {
  const step = host.steps[number]!;
  const { failure } = step;
  if (failure === undefined) return emittingCall(host, number, emits, emits, enter);
  const letter = failure.then === "deadLetter" ? emits.at(-1) : undefined;
  const outputs = letter === undefined ? emits : emits.slice(0, -1);
  // What the end of a bundle gives out belongs to no element, so it is not kept back.
  const makeStep = (held: readonly Receive[]): Receive => emittingCall(host, number, held, outputs, enter);
  return guarded(failure, step.path, outputs, makeStep, { letter, onGivenUp: () => host.onGivenUp(number) });
}

function emittingCall(host: StepHost, number: number, emits: readonly Receive[], atEnd: readonly Receive[], enter: Enter): Receive {
  return host.steps[number]!.fn.kind === "doFn" ? doFnCall(host, number, emits, atEnd) : plainStep(host, number, emits, enter);
}

function doFnCall(host: StepHost, number: number, emits: readonly Receive[], atEnd: readonly Receive[]): Receive {
  const { fn, path } = host.steps[number]!;
  if (fn.kind !== "doFn") throw new Error(`step ${number} is no DoFn`);
  const { options } = host;
  const doFn = doFnStep(fn.doFn, { path, tags: fn.tags, emits, atEnd, options, views: sidesOf(host, number) });
  host.doFns.set(number, doFn);
  return doFn.process;
}

/** How a step reads its side inputs; nothing where it has none. */
export function sidesOf(host: StepHost, number: number): ReadViews | undefined {
  const { sides, path } = host.steps[number]!;
  return sides.length === 0 ? undefined : readViews(sides, host.views, path, () => host.isRunning);
}

/** Whether a step runs once for each window of an element, with a context: it may look at it, or reads side inputs. */
export const isPerWindow = ({ fn, sides }: Step): boolean =>
  (isCalled(fn) || fn.kind === "route") && (sides.length > 0 || usesContext(fn.call));

/** A step that is a function of an element, as a closure. */
export function plainStep(host: StepHost, number: number, emits: readonly Receive[], enter: Enter): Receive {
  const step = host.steps[number]!;
  const { fn } = step;
  const emit = emits[0]!;
  switch (fn.kind) {
    case "map":
    case "keyBy":
    case "filter":
    case "filterMap":
    case "flatMap":
      return isPerWindow(step)
        ? inContext(host, number, (ctx) => called(fn.kind, (value) => fn.call(value, ctx), number, emit, enter))
        : called(fn.kind, fn.call, number, emit, enter);
    case "pass":
      return emit;
    case "timestamps":
      return (value, timestamp, windows, pane) => {
        enter(number, value);
        emit(value, movedTo(fn.call(value), timestamp, fn.allowedSkew), windows, pane);
      };
    case "route":
      return isPerWindow(step)
        ? inContext(host, number, (ctx) => routed({ ...fn, call: (prepared) => fn.call(prepared, ctx) }, number, emits, enter))
        : routed(fn, number, emits, enter);
    case "windowInto":
      return (value, timestamp, windows, pane) => {
        enter(number, value);
        const own = assigned(fn.windowFn, value, timestamp, windows);
        // What lies in a gap between windows goes no further.
        if (own.length > 0) emit(value, timestamp, own, pane);
      };
    case "doFn":
    case "async":
    case "split":
    case "read":
      throw new Error(`a ${fn.kind} is no plain step`);
  }
}

/** A function of an element and its context: it runs once for each window. */
function inContext(host: StepHost, number: number, make: (ctx: ElementContextOf) => Receive): Receive {
  const ctx = new ElementContextOf(host.options, sidesOf(host, number));
  host.contexts.push(ctx);
  const plain = make(ctx);
  return perWindow((value, timestamp, windows, pane) => {
    ctx.timestamp = timestamp;
    ctx.window = windows[0]!;
    ctx.pane = pane;
    plain(value, timestamp, windows, pane);
  });
}

type Route = Extract<ElementFn, { readonly kind: "route" }>;

function routed({ prepare = same, call, unwrap = same }: Route, number: number, emits: readonly Receive[], enter: Enter): Receive {
  return (value, timestamp, windows, pane) => {
    enter(number, value);
    const prepared = prepare(value);
    emits[call(prepared)]!(unwrap(prepared), timestamp, windows, pane);
  };
}

type Called = Extract<ElementFn, { readonly kind: "map" | "keyBy" | "filter" | "filterMap" | "flatMap" }>;

function called(kind: Called["kind"], call: (value: unknown) => unknown, number: number, emit: Receive, enter: Enter): Receive {
  switch (kind) {
    case "map":
      return (value, timestamp, windows, pane) => {
        enter(number, value);
        emit(settled(call(value)), timestamp, windows, pane);
      };
    case "keyBy":
      return (value, timestamp, windows, pane) => {
        enter(number, value);
        emit([settled(call(value)), value], timestamp, windows, pane);
      };
    case "filter":
      return (value, timestamp, windows, pane) => {
        enter(number, value);
        if (isTrue(call(value))) emit(value, timestamp, windows, pane);
      };
    case "filterMap":
      return (value, timestamp, windows, pane) => {
        enter(number, value);
        const result = settled(call(value));
        if (result !== undefined) emit(result, timestamp, windows, pane);
      };
    case "flatMap":
      return (value, timestamp, windows, pane) => {
        enter(number, value);
        for (const each of iterableOf(call(value))) {
          emit(each, timestamp, windows, pane);
          // What a generator throws next is its own fault, not that of the steps that took what it gave.
          enter(number, value);
        }
      };
  }
}

const same = (value: unknown): unknown => value;

const isThenable = (value: unknown): value is PromiseLike<unknown> =>
  typeof value === "object" && value !== null && typeof (value as { then?: unknown }).then === "function";

/** The result itself, if it is there already. */
const settled = (result: unknown): unknown => (isThenable(result) ? refusePromise(result) : result);

/** What a filter's function says. */
export const isTrue = (result: unknown): boolean => (isThenable(result) ? refusePromise(result) : Boolean(result));

/** Throws for a promise where a value is needed. */
export function refusePromise(result: PromiseLike<unknown>): never {
  // The promise is given up here; its failure, if there is one, must not end the process as well.
  result.then(undefined, () => {});
  throw new PipelineError("ASYNC_STEP", {
    what: "a function that is called synchronously returned a promise",
    fix: "use asyncMap, or parDo({ async: true, … }), for functions that have to wait",
  });
}

/** What flatMap's function gave, if it can be gone through. */
export function iterableOf(result: unknown): Iterable<unknown> {
  if (typeof (result as Iterable<unknown> | undefined)?.[Symbol.iterator] === "function") return result as Iterable<unknown>;
  if (isThenable(result)) return refusePromise(result);
  throw new PipelineError("NOT_ITERABLE", {
    what: "flatMap's function gave something that is no list of elements",
    got: shortText(result),
    fix: "return an array, a set or another iterable; for one element or none return [x] or []",
  });
}

/** The windows that a window function puts an element into. */
export const assigned = (windowFn: AnyWindowFn, value: unknown, timestamp: Instant, windows: readonly Window[]): readonly Window[] =>
  mustBeAssigned(windowFn, windowFn.assign({ value, timestamp, windows }) as readonly Window[]);

/** The windows of a time; nothing where the function throws, or gives what it may not: nobody has asked for them yet. */
export function windowsAt(windowFn: AnyWindowFn, timestamp: Instant): readonly Window[] | undefined {
  try {
    return mustAssignAt(windowFn, timestamp);
  } catch {
    return undefined;
  }
}

/** The windows of a time, or the error of a function that gives what it may not. */
export const mustAssignAt = (windowFn: AnyWindowFn, timestamp: Instant): readonly Window[] =>
  mustBeAssigned(windowFn, windowFn.assignAt!(timestamp) as readonly Window[]);

/** The list that was found right last: elements that are near in time mostly share theirs. */
let rightBefore: readonly Window[] = [];

/** What a window function gave for an element, if that may be. */
export function mustBeAssigned(windowFn: AnyWindowFn, given: readonly Window[]): readonly Window[] {
  // Sessions are our own, and known to be right.
  if (given === rightBefore || windowFn.merge === mergeOverlapping) return given;
  if (!Array.isArray(given) || (given.length === 0 && windowFn.hasGaps !== true)) {
    throw new PipelineError("BAD_WINDOW", {
      what: "a window function put an element into no window",
      got: shortText(given),
      fix: "assign at least one window; one that has gaps gives an empty list for them, and says hasGaps",
    });
  }
  for (let i = 0; i < given.length; i++) if (!isWindow(given[i]!, windowFn)) throw notWindow(given[i]);
  // Whether there may be none is up to the function.
  if (given.length > 0) rightBefore = given;
  return given;
}

const notWindow = (given: unknown): PipelineError =>
  new PipelineError("BAD_WINDOW", {
    what: "a window function put an element into something that is no window",
    got: shortText(given),
    fix: "give windows whose maxTimestamp is in whole milliseconds; intervals such as intervalWindow(start, end) with start before end",
  });
