import { usesContext, type ElementFn } from "../../sdk/graph.ts";
import { PipelineError, shortText } from "../../sdk/errors.ts";
import { activeMetrics } from "../../sdk/metric-cells.ts";
import type { AnyWindowFn, Window } from "../../sdk/windowing.ts";
import { isStamp } from "./batch.ts";
import { doFnStep, type DoFnStep } from "./do-fn-step.ts";
import { stepFailed } from "./failures.ts";
import { guarded } from "./guard.ts";
import type { Output, Stage, Step } from "./plan.ts";
import type { Pass, StageLoop } from "./stage-loop.ts";
import { ElementContextOf, perWindow, type Receive } from "./step-context.ts";
import { movedTo } from "./timestamps.ts";

/**
 * The steps of a stage as closures, each of which calls the next: an element goes through by plain calls, and nothing is
 * allocated for it but what user code makes.
 *
 * @param options - the pipeline's options, for functions that look at their context.
 */
export function link(stage: Stage, options: Readonly<Record<string, unknown>>): StageLoop {
  return new LinkedStage(stage, options);
}

class LinkedStage implements StageLoop {
  readonly #stage: Stage;
  readonly #options: Readonly<Record<string, unknown>>;
  readonly #doFns = new Map<number, DoFnStep>();
  readonly #contexts: ElementContextOf[] = [];
  readonly #receive: Receive;
  #pass!: Pass;
  #outputs = 0;
  // Which step runs, and with what: asked only when something was thrown.
  #step = -1;
  #input: unknown;

  constructor(stage: Stage, options: Readonly<Record<string, unknown>>) {
    this.#stage = stage;
    this.#options = options;
    this.#receive = this.#outputTo(stage.output);
  }

  run(values: Parameters<StageLoop["run"]>[0], size: number, stamps: Parameters<StageLoop["run"]>[2], pass: Pass): void {
    this.#guard(pass, () => {
      const receive = this.#receive;
      if (isStamp(stamps)) {
        for (let i = 0; i < size; i++) receive(values[i], stamps.timestamp, stamps.windows, stamps.pane);
      } else {
        const { timestamps, windows, panes } = stamps;
        for (let i = 0; i < size; i++) receive(values[i], timestamps[i]!, windows[i]!, panes[i]!);
      }
    });
  }

  startBundle(pass: Pass): void | Promise<void> {
    return this.#eachDoFn(pass, (doFn, number) => doFn.startBundle(pass.instances[number], pass.processingTime));
  }

  finishBundle(pass: Pass): void | Promise<void> {
    return this.#eachDoFn(pass, (doFn, number) => doFn.finishBundle(pass.instances[number], pass.processingTime));
  }

  /** One after the other; waits only where one of them does. */
  #eachDoFn(pass: Pass, call: (doFn: DoFnStep, number: number) => void | Promise<void>): void | Promise<void> {
    let waited: Promise<void> | undefined;
    for (const [number, doFn] of this.#doFns) {
      const callNow = (): void | Promise<void> => this.#guard(pass, () => this.#callIn(number, () => call(doFn, number)));
      if (waited === undefined) waited = callNow() as Promise<void> | undefined;
      else waited = waited.then(callNow);
    }
    return waited?.catch((error: unknown) => {
      throw this.#blamed(error);
    });
  }

  #callIn<A>(number: number, call: () => A): A {
    this.#enter(number, undefined);
    return call();
  }

  /** Runs user code for a pass, and names the step of what it throws. */
  #guard<A>(pass: Pass, call: () => A): A {
    this.#pass = pass;
    this.#step = -1;
    for (const ctx of this.#contexts) ctx.processingTime = pass.processingTime;
    for (const [number, doFn] of this.#doFns) doFn.use(pass.instances[number], pass.processingTime);
    try {
      return call();
    } catch (error) {
      throw this.#blamed(error);
    } finally {
      activeMetrics.container = undefined;
    }
  }

  #blamed(error: unknown): PipelineError {
    return stepFailed(this.#stage.steps[this.#step]?.path ?? this.#stage.path, this.#input, error);
  }

  /** From here on what is thrown, and what is counted, is this step's. */
  #enter(number: number, value: unknown): void {
    this.#step = number;
    this.#input = value;
    activeMetrics.container = this.#pass.metrics[number];
  }

  /** Counts what comes, and hands it to each of those who take it. */
  #outputTo({ steps, slots }: Output): Receive {
    const counted = this.#outputs++;
    const takers: readonly Receive[] = [...steps.map((number) => this.#stepFrom(number)), ...slots.map((number) => this.#slotAt(number))];
    const [first] = takers;
    if (takers.length === 1) {
      return (value, timestamp, windows, pane) => {
        this.#pass.counts[counted]!++;
        first!(value, timestamp, windows, pane);
      };
    }
    return (value, timestamp, windows, pane) => {
      this.#pass.counts[counted]!++;
      for (const take of takers) take(value, timestamp, windows, pane);
    };
  }

  #slotAt(number: number): Receive {
    const { path } = this.#stage.slots[number]!;
    return (value, timestamp, windows, pane) => {
      try {
        this.#pass.slots[number]!.put(value, timestamp, windows, pane);
      } catch (error) {
        throw stepFailed(path, value, error);
      }
    };
  }

  #stepFrom(number: number): Receive {
    const step = this.#stage.steps[number]!;
    const emits = step.outputs.map((output) => this.#outputTo(output));
    const { failure } = step;
    if (failure === undefined) return this.#call(step, number, emits);
    const letter = failure.then === "deadLetter" ? emits.at(-1) : undefined;
    const outputs = letter === undefined ? emits : emits.slice(0, -1);
    const onGivenUp = (): void => void this.#pass.givenUp[number]!++;
    return guarded(failure, step.path, outputs, (held) => this.#call(step, number, held), { letter, onGivenUp });
  }

  #call({ fn }: Step, number: number, emits: readonly Receive[]): Receive {
    const emit = emits[0]!;
    switch (fn.kind) {
      case "map":
      case "keyBy":
      case "filter":
      case "filterMap":
      case "flatMap":
        return usesContext(fn.call) ? this.#withContext(fn, number, emit) : this.#plain(fn.kind, fn.call, number, emit);
      case "pass":
        return emit;
      case "timestamps":
        return (value, timestamp, windows, pane) => {
          this.#enter(number, value);
          emit(value, movedTo(fn.call(value), timestamp, fn.allowedSkew), windows, pane);
        };
      case "route": {
        const { prepare = same, call, unwrap = same } = fn;
        return (value, timestamp, windows, pane) => {
          this.#enter(number, value);
          const prepared = prepare(value);
          emits[call(prepared)]!(unwrap(prepared), timestamp, windows, pane);
        };
      }
      case "doFn": {
        const giveOut = emits.map((take): Receive => (value, timestamp, windows, pane) => {
          const input = this.#input;
          take(value, timestamp, windows, pane);
          // What process throws next is its own fault, not that of the steps that took what it gave out.
          this.#enter(number, input);
        });
        const doFn = doFnStep(fn.doFn, fn.tags, giveOut, this.#options);
        this.#doFns.set(number, doFn);
        return (value, timestamp, windows, pane) => {
          this.#enter(number, value);
          doFn.process(value, timestamp, windows, pane);
        };
      }
      case "windowInto":
        return (value, timestamp, windows, pane) => {
          this.#enter(number, value);
          emit(value, timestamp, assigned(fn.windowFn, value, timestamp, windows), pane);
        };
      case "async":
      case "split":
      case "read":
        throw new Error(`${fn.kind} heads a stage`);
    }
  }

  /** A function of an element and its context: it runs once for each window. */
  #withContext({ kind, call }: Called, number: number, emit: Receive): Receive {
    const ctx = new ElementContextOf(this.#options);
    this.#contexts.push(ctx);
    const plain = this.#plain(kind, (value) => call(value, ctx), number, emit);
    return perWindow((value, timestamp, windows, pane) => {
      ctx.timestamp = timestamp;
      ctx.window = windows[0]!;
      ctx.pane = pane;
      plain(value, timestamp, windows, pane);
    });
  }

  #plain(kind: Called["kind"], call: (value: unknown) => unknown, number: number, emit: Receive): Receive {
    switch (kind) {
      case "map":
        return (value, timestamp, windows, pane) => {
          this.#enter(number, value);
          emit(settled(call(value)), timestamp, windows, pane);
        };
      case "keyBy":
        return (value, timestamp, windows, pane) => {
          this.#enter(number, value);
          emit([settled(call(value)), value], timestamp, windows, pane);
        };
      case "filter":
        return (value, timestamp, windows, pane) => {
          this.#enter(number, value);
          if (settled(call(value))) emit(value, timestamp, windows, pane);
        };
      case "filterMap":
        return (value, timestamp, windows, pane) => {
          this.#enter(number, value);
          const result = settled(call(value));
          if (result !== undefined) emit(result, timestamp, windows, pane);
        };
      case "flatMap":
        return (value, timestamp, windows, pane) => {
          this.#enter(number, value);
          for (const each of iterableOf(settled(call(value)))) {
            emit(each, timestamp, windows, pane);
            // What a generator throws next is its own fault, not that of the steps that took what it gave.
            this.#enter(number, value);
          }
        };
    }
  }
}

type Called = Extract<ElementFn, { readonly kind: "map" | "keyBy" | "filter" | "filterMap" | "flatMap" }>;

const same = (value: unknown): unknown => value;

/** The result itself, if it is there already. */
function settled(result: unknown): unknown {
  if (typeof result !== "object" || result === null || typeof (result as { then?: unknown }).then !== "function") return result;
  // The promise is given up here; its failure, if there is one, must not end the process as well.
  (result as PromiseLike<unknown>).then(undefined, () => {});
  throw new PipelineError("ASYNC_STEP", {
    what: "a function that is called synchronously returned a promise",
    fix: "use asyncMap, or parDo({ async: true, … }), for functions that have to wait",
  });
}

function iterableOf(result: unknown): Iterable<unknown> {
  if (typeof (result as Iterable<unknown> | undefined)?.[Symbol.iterator] === "function") return result as Iterable<unknown>;
  throw new PipelineError("NOT_ITERABLE", {
    what: "flatMap's function gave something that is no list of elements",
    got: shortText(result),
    fix: "return an array, a set or another iterable; for one element or none return [x] or []",
  });
}

function assigned({ assign }: AnyWindowFn, value: unknown, timestamp: number, windows: readonly Window[]): readonly Window[] {
  const given = assign({ value, timestamp, windows }) as readonly Window[];
  if (Array.isArray(given) && given.length > 0) return given;
  throw new PipelineError("BAD_WINDOW", {
    what: "a window function put an element into no window",
    got: shortText(given),
    fix: "assign at least one window",
  });
}
