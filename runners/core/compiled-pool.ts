import type { AnyCombineFn } from "../../sdk/combine/combine-fn.ts";
import type { Stage, Step } from "./plan.ts";
import type { CompiledSteps } from "./stage-loop.ts";

/** A stage's loops with what they are bound to. */
export interface Compiled {
  readonly steps: CompiledSteps;
  /** The stage that they run for now: the paths of steps in errors, and window functions, are taken from it. */
  readonly bindings: { stage: Stage; fns: readonly Step["fn"][] };
}

/** Loops that nobody uses, and what they were made from. */
interface Idle extends Compiled {
  readonly text: string;
  readonly made: readonly unknown[];
}

/** How many loops are kept for functions that begin with the same one. */
const MOST_IDLE = 4;

/**
 * Loops of runs that are over, for runs of the same functions: V8 has optimized them already, which takes it about as long as
 * ten million elements. They are held by the first of their functions, and go with it.
 */
const idle = new WeakMap<object, Idle[]>();

/**
 * What makes two stages whose loops have the same text the same: the functions and values in them. Nothing where a step keeps
 * more than that, such as an instance or a context.
 */
export function identityOf({ steps }: Stage, combiners: readonly (AnyCombineFn | undefined)[]): readonly unknown[] | undefined {
  const identity: unknown[] = [];
  for (const { fn, failure } of steps) {
    if (failure !== undefined) return undefined;
    if (fn.kind === "keyBy" && fn.constant !== undefined) identity.push(fn.constant.key);
    else if (fn.kind === "map" || fn.kind === "keyBy" || fn.kind === "filter" || fn.kind === "filterMap" || fn.kind === "flatMap")
      identity.push(fn.call);
    else if (fn.kind !== "pass" && fn.kind !== "windowInto") return undefined;
  }
  for (const combiner of combiners) if (combiner !== undefined) identity.push(combiner);
  return identity;
}

/** Loops of this text and these functions that nobody uses; they are the caller's then. */
export function takeIdle(text: string, identity: readonly unknown[]): Compiled | undefined {
  const kept = idle.get(holderOf(identity) ?? idle) ?? [];
  const at = kept.findIndex((each) => each.text === text && each.made.every((part, i) => Object.is(part, identity[i])));
  return at === -1 ? undefined : kept.splice(at, 1)[0];
}

/** Leaves loops to whoever needs them next. */
export function leaveIdle(text: string, made: readonly unknown[], compiled: Compiled): void {
  const holder = holderOf(made);
  if (holder === undefined) return;
  const kept = idle.get(holder) ?? [];
  idle.set(holder, [{ ...compiled, text, made }, ...kept].slice(0, MOST_IDLE));
}

const holderOf = (identity: readonly unknown[]): object | undefined =>
  identity.find((part) => typeof part === "function") as object | undefined;
