import { MIN_INSTANT, NO_FIRING, type ElementContext, type Window } from "millrace";
import { shortText } from "../../sdk/errors.ts";
import { stepMetrics } from "../../sdk/step-metrics.ts";
import type { Element, Grouped } from "./batches.ts";
import {
  codeOf,
  DO_FN_SKEW,
  groupOf,
  SKEW,
  type CalledCode,
  type Code,
  type StepTree,
  type TreeDoFn,
  type TreeOutput,
  type TreeStep,
} from "./step-trees.ts";

/** Why a bundle failed: which step could not take what, and what it said. The message of an error of the engine is its code. */
export interface Failed {
  readonly step: string;
  readonly input: string;
  readonly message: string;
}

/** What a bundle of a tree leaves. */
export interface Outcome {
  readonly failed: Failed | undefined;
  /** The elements of the collections that are collected or grouped, by name. */
  readonly collected: Readonly<Record<string, readonly Element[]>>;
  readonly grouped: Readonly<Record<string, readonly Grouped[]>>;
  /** How many elements entered each collection. */
  readonly counts: Readonly<Record<string, number>>;
  /** The counters of the steps, as `step name: count`, sorted. */
  readonly counters: readonly string[];
}

/** What a tree makes of the elements of a bundle, step by step: the plain meaning that engines have to keep. */
export function outcomeOf(tree: StepTree, elements: readonly Element[]): Outcome {
  const bundle = new OracleBundle(tree);
  try {
    bundle.start();
    for (const element of elements) bundle.give(tree.root, element);
    bundle.finish();
    return { failed: undefined, ...bundle.result() };
  } catch (error) {
    if (error instanceof Failure) return { failed: error.failed, collected: {}, grouped: {}, counts: {}, counters: [] };
    throw error;
  }
}

class Failure extends Error {
  readonly failed: Failed;

  constructor(step: string, input: unknown, error: unknown) {
    super((error as Error).message);
    this.failed = { step, input: shortText(input), message: this.message };
  }
}

/** Calls user code, and names the step in what it throws. */
type User = <T>(call: () => T) => T;

type Give = (output: number, element: Element) => void;

class OracleBundle {
  readonly #tree: StepTree;
  readonly #collected: Record<string, Element[]> = {};
  readonly #grouped: Record<string, Grouped[]> = {};
  readonly #counts: Record<string, number> = {};
  readonly #counters = new Map<string, number>();
  readonly #steps = new Map<TreeStep, { readonly code: Code; readonly instance: { seen: number } }>();

  constructor(tree: StepTree) {
    this.#tree = tree;
    this.#prepare(tree.root);
  }

  #prepare({ name, isCollected, isGrouped, steps }: TreeOutput): void {
    this.#counts[name] = 0;
    if (isCollected) this.#collected[name] = [];
    if (isGrouped) this.#grouped[name] = [];
    for (const step of steps) {
      this.#steps.set(step, { code: codeOf(step.name, step.shape, () => this.#count(step, "calls")), instance: { seen: 0 } });
      step.outputs.forEach((output) => this.#prepare(output));
    }
  }

  #count(step: TreeStep, name: string): void {
    const key = `${step.name} ${name}`;
    this.#counters.set(key, (this.#counters.get(key) ?? 0) + 1);
  }

  start(): void {}

  /** Ends the bundle for each DoFn, one before those that read what it gives out. */
  finish(): void {
    const finishIn = ({ steps }: TreeOutput): void => {
      for (const step of steps) {
        const { code, instance } = this.#steps.get(step)!;
        if (code.kind === "doFn") this.#finishDoFn(step, code.doFn, instance);
        step.outputs.forEach(finishIn);
      }
    };
    finishIn(this.#tree.root);
  }

  #finishDoFn(step: TreeStep, doFn: TreeDoFn, instance: { seen: number }): void {
    const emitTo =
      (output: number) =>
      (value: unknown, at: { readonly timestamp: number; readonly window: Window }): void =>
        this.give(step.outputs[output]!, { value, timestamp: at.timestamp, windows: [at.window], pane: NO_FIRING });
    void doFn.finishBundle?.({
      instance,
      processingTime: 0,
      options: {},
      metrics: stepMetrics,
      output: emitTo(0),
      outputs: { other: emitTo(1) },
    } as never);
  }

  result(): Omit<Outcome, "failed"> {
    const counters = [...this.#counters].map(([key, count]) => `${key}: ${count}`).toSorted();
    return { collected: this.#collected, grouped: this.#grouped, counts: this.#counts, counters };
  }

  /** Hands an element to all who read a collection. */
  give({ name, steps, isCollected, isGrouped }: TreeOutput, element: Element): void {
    this.#counts[name]!++;
    for (const step of steps) this.#run(step, element);
    if (isCollected) this.#collected[name]!.push(element);
    if (!isGrouped) return;
    if (!Array.isArray(element.value) || element.value.length !== 2)
      throw new Failure(groupOf(name), element.value, new Error("NOT_A_PAIR"));
    this.#grouped[name]!.push({ value: element.value, windows: element.windows });
  }

  #run(step: TreeStep, element: Element): void {
    const { guard, outputs } = step;
    if (guard === undefined) {
      this.#call(step, element, (output, given) => this.give(outputs[output]!, given));
      return;
    }
    for (let attempt = 1; ; attempt++) {
      const held: (readonly [number, Element])[] = [];
      try {
        this.#call(step, element, (output, given) => held.push([output, given]));
      } catch (error) {
        if (attempt < guard.attempts) continue;
        if (guard.then === "fail") throw error;
        this.#count(step, guard.then === "skip" ? "skipped" : "failed");
        if (guard.then === "deadLetter") this.give(outputs.at(-1)!, { ...element, value: letterOf(step, element, error as Failure) });
        return;
      }
      for (const [output, given] of held) this.give(outputs[output]!, given);
      return;
    }
  }

  /** What the step alone does: its function is called, and what it gives goes to `give`. */
  #call(step: TreeStep, element: Element, give: Give): void {
    const { code, instance } = this.#steps.get(step)!;
    const { value } = element;
    const out = (given: unknown): void => give(0, { ...element, value: given });
    const user: User = (call) => {
      try {
        return call();
      } catch (error) {
        throw new Failure(step.name, value, error);
      }
    };
    switch (code.kind) {
      case "map":
      case "filter":
      case "filterMap":
      case "flatMap":
      case "keyBy":
      case "splitBy":
        // A function that may look at its context is called for each window, all others once.
        if (code.call.length === 1) return this.#called(code, element, undefined, give, user);
        for (const window of element.windows) {
          const ctx: ElementContext = {
            timestamp: element.timestamp,
            window,
            pane: element.pane,
            processingTime: 0,
            options: {},
            metrics: stepMetrics,
            sideInputs: {},
          };
          this.#called(code, { ...element, windows: [window] }, ctx, give, user);
        }
        return;
      case "mapEither": {
        const result = user(() => code.call(value));
        return result._tag === "Right" ? give(0, { ...element, value: result.right }) : give(1, { ...element, value: result.left });
      }
      case "timestamps": {
        const timestamp = user(() => code.call(value));
        if (timestamp < element.timestamp - SKEW) throw new Failure(step.name, value, new Error("BAD_TIMESTAMP"));
        return give(0, { ...element, timestamp });
      }
      case "windowInto":
        return give(0, { ...element, windows: user(() => code.windowFn.assign({ ...element })) });
      case "pass":
        return out(value);
      case "doFn":
        for (const window of element.windows) this.#process(step, code.doFn, instance, { ...element, windows: [window] }, give);
    }
  }

  #called(code: CalledCode, element: Element, ctx: ElementContext | undefined, give: Give, user: User): void {
    const { value } = element;
    const result = user(() => code.call(value, ctx as ElementContext));
    const out = (given: unknown): void => give(0, { ...element, value: given });
    switch (code.kind) {
      case "map":
        return out(result);
      case "keyBy":
        return out([result, value]);
      case "filter":
        return result === true ? out(value) : undefined;
      case "filterMap":
        return result === undefined ? undefined : out(result);
      case "splitBy":
        return give(code.tags.indexOf(result as string), element);
      case "flatMap": {
        const iterator = (result as Iterable<unknown>)[Symbol.iterator]();
        for (let next = user(() => iterator.next()); next.done !== true; next = user(() => iterator.next())) out(next.value);
      }
    }
  }

  /** The first failure counts, whatever the DoFn makes of it. */
  #process(step: TreeStep, doFn: TreeDoFn, instance: { seen: number }, element: Element, give: Give): void {
    const faults: unknown[] = [];
    const emitTo =
      (output: number) =>
      (value: unknown, { timestamp = element.timestamp }: { readonly timestamp?: number } = {}): undefined => {
        // A mistake of the DoFn itself, which it may catch.
        if (timestamp < Math.max(MIN_INSTANT, element.timestamp - DO_FN_SKEW))
          throw new Failure(step.name, element.value, new Error("BAD_TIMESTAMP"));
        try {
          give(output, { ...element, value, timestamp });
        } catch (error) {
          faults.push(error);
          throw error;
        }
      };
    try {
      const { timestamp, pane, windows } = element;
      const ctx = { instance, timestamp, pane, window: windows[0], processingTime: 0, options: {}, metrics: stepMetrics };
      doFn.process(element.value, { ...ctx, output: emitTo(0), outputs: { other: emitTo(1) } } as never);
    } catch (error) {
      faults.push(error instanceof Failure ? error : new Failure(step.name, element.value, error));
    }
    if (faults.length > 0) throw faults[0];
  }
}

function letterOf({ name, guard }: TreeStep, { value, timestamp }: Element, { failed }: Failure): unknown {
  return { element: value, step: name, error: { name: "Error", message: failed.message }, attempts: guard!.attempts, timestamp };
}
