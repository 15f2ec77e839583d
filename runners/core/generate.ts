import { NO_SIDE_INPUTS, type AnyCombineFn } from "../../sdk/combine/combine-fn.ts";
import type { Instant } from "../../sdk/time.ts";
import type { AnyWindowFn } from "../../sdk/windowing.ts";
import { activeMetrics } from "../../sdk/metric-cells.ts";
import { codeOf } from "./code.ts";
import { identityOf, leaveIdle, takeIdle, type Compiled } from "./compiled-pool.ts";
import { stepFailed } from "./failures.ts";
import { fillerOf } from "./fold.ts";
import type { Stage } from "./plan.ts";
import { pairOf } from "./slot.ts";
import type { SlotKind } from "./slot-source.ts";
import type { BackEnd, CompiledSteps, Pass } from "./stage-loop.ts";
import { StageSource } from "./stage-source.ts";
import {
  isPerWindow,
  isTrue,
  iterableOf,
  mustAssignAt,
  mustBeAssigned,
  opaqueStep,
  refusePromise,
  sidesOf,
  windowsAt,
} from "./step-call.ts";
import { ElementContextOf, type Receive } from "./step-context.ts";
import { movedTo } from "./timestamps.ts";

/**
 * The steps of a stage as generated functions, with the users' functions as their constants: V8 inlines them, and a loop
 * costs little more than one written by hand. The text is made of step numbers only, never of names or data.
 *
 * @param slotKinds - how each slot is written.
 * @param combiners - what combines the elements of slots that are folded.
 * @throws EvalError where the process does not allow code to be generated.
 */
export const generate =
  (slotKinds: readonly SlotKind[], combiners: readonly (AnyCombineFn | undefined)[] = []): BackEnd =>
  (host) => {
    const { stage, options, contexts } = host;
    const contextOf = new Map<number, ElementContextOf>();
    stage.steps.forEach((step, number) => {
      if (step.failure === undefined && isPerWindow(step)) contextOf.set(number, new ElementContextOf(options, sidesOf(host, number)));
    });
    contexts.push(...contextOf.values());
    const enter = (number: number): void => {
      activeMetrics.step[0] = number;
    };
    const { text } = new StageSource(stage, slotKinds, (number) => contextOf.has(number));
    const identity = contextOf.size === 0 ? identityOf(stage, combiners) : undefined;
    const known = identity && takeIdle(text, identity);
    if (known !== undefined) Object.assign(known.bindings, { stage, fns: stage.steps.map(({ fn }) => fn) });
    const compiled = known ?? compile();
    if (identity === undefined) return compiled.steps;
    const release = (): void => {
      compiled.steps.enter(NO_PASS);
      leaveIdle(text, identity, compiled);
    };
    return { ...compiled.steps, release };

    function compile(): Compiled {
      const bindings = {
        stage,
        cursor: activeMetrics.step,
        contexts: contextOf,
        functions: stage.steps.map(({ fn }) => ("call" in fn ? fn.call : undefined)),
        fns: stage.steps.map(({ fn }) => fn),
        combiners,
        noSideInputs: NO_SIDE_INPUTS,
        fillers: combiners.map((fn) => fn && fillerOf(fn)),
        isTrue,
        iterableOf,
        refusePromise,
        movedTo,
        mustBeAssigned,
        pairOf,
        windowsAt: (number: number, timestamp: Instant) => windowsAt(windowFnOf(bindings.stage, number), timestamp),
        noWindowsAt: (number: number, timestamp: Instant) => mustAssignAt(windowFnOf(bindings.stage, number), timestamp),
        fail: (error: unknown, at: number, input: unknown) => stepFailed(pathOf(bindings.stage, at), input, error),
        opaque: (number: number, emits: readonly Receive[]) => opaqueStep(host, number, emits, enter),
      };
      return { steps: codeOf<CompiledSteps>(text, bindings), bindings };
    }
  };

/** What loops belong to that nobody uses: nothing of the last run. */
const NO_PASS = { slots: [], counts: new Float64Array(0) } as unknown as Pass;

function windowFnOf({ steps }: Stage, number: number): AnyWindowFn {
  const { fn } = steps[number]!;
  if (fn.kind !== "windowInto") throw new Error(`step ${number} assigns no windows`);
  return fn.windowFn;
}

/** What the cursor stands for: a step, the head (-1), or the taker of a slot (from -2 down). */
function pathOf({ steps, slots, path }: Stage, at: number): string {
  if (at >= 0) return steps[at]!.path;
  return at === -1 ? path : slots[-2 - at]!.path;
}
