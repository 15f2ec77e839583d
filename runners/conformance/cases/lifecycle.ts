import type { FinishContext } from "../../../sdk/do-fn.ts";
import { kv, type KV, type PCollection, type Pipeline } from "../../../sdk/pipeline.ts";
import { valueState } from "../../../sdk/state/specs.ts";
import { eventTimer } from "../../../sdk/timer.ts";
import { create } from "../../../sdk/transforms/create.ts";
import { flatten } from "../../../sdk/transforms/flatten.ts";
import { keyBy } from "../../../sdk/transforms/key-by.ts";
import { map } from "../../../sdk/transforms/map.ts";
import { output, parDo } from "../../../sdk/transforms/par-do.ts";
import { windowInto } from "../../../sdk/transforms/window-into.ts";
import { fixedWindows } from "../../../sdk/windows/fixed.ts";
import { intervalWindow } from "../../../sdk/windows/interval.ts";
import { caseModule, type ConformanceCase } from "../case-module.ts";
import { mustHold, mustMatch } from "../checks.ts";
import { at, createAt, withWindow } from "./support.ts";

type Call = "setup" | "start" | "process" | "finish" | "teardown";

/** Which calls may follow which. */
const next: Readonly<Record<Call, readonly Call[]>> = {
  setup: ["start", "teardown"],
  start: ["process", "finish"],
  process: ["process", "finish"],
  finish: ["start", "teardown"],
  teardown: [],
};

/** The calls of one instance, each checked as it comes: what is thrown fails the run, on whichever thread it is thrown. */
class Life {
  readonly calls: Call[] = ["setup"];

  follow(call: Call): void {
    if (!next[this.calls.at(-1)!].includes(call)) throw new Error(`${call} came after ${this.calls.join(", ")}`);
    this.calls.push(call);
  }
}

const sevenNumbers = (p: Pipeline): PCollection<number> => flatten([p.apply("A", create([1, 2, 4])), p.apply("B", create([3, 5, 6, 7]))]);

const checkingHooks = {
  setup: () => new Life(),
  startBundle: ({ instance }: { readonly instance: Life }) => instance.follow("start"),
  teardown: (instance: Life) => instance.follow("teardown"),
};

const abc = (p: Pipeline): PCollection<KV<string, number>> => sevenNumbers(p).apply(keyBy((n) => "abc"[n % 3]!));

const finishes = ({ instance }: { readonly instance: Life }): void => instance.follow("finish");

/** A DoFn that throws in one of its calls. What the instance went through until it was gone stands in the error, which outlives it. */
function failingIn<T>(where: Exclude<Call, "process" | "teardown">) {
  // Where setup throws there is no instance that could hold it. The call of teardown follows at once.
  let ofSetup: Failing | undefined;
  return {
    output: output<T>(),
    setup() {
      const instance = new Failing();
      if (where !== "setup") return instance;
      ofSetup = instance;
      throw instance.error;
    },
    startBundle({ instance }: { readonly instance: Failing }) {
      instance.visit("start");
      if (where === "start") throw instance.error;
    },
    process(element: T, ctx: { readonly instance: Failing; readonly output: (element: T) => undefined }) {
      ctx.instance.visit("process");
      ctx.output(element);
    },
    finishBundle({ instance }: { readonly instance: Failing }) {
      // A runner may well have a bundle without elements.
      const isEmpty = instance.visited.at(-1) !== "process";
      instance.visit("finish");
      if (where === "finish" && !isEmpty) throw instance.error;
    },
    teardown: (instance: Failing) => (instance ?? ofSetup!).visit("teardown"),
  };
}

/** The cases of a call that throws, in a step with state too. */
const failing = (id: string, where: Exclude<Call, "process" | "teardown">, pattern: RegExp): Readonly<Record<string, ConformanceCase>> => ({
  [id]: {
    title: `what is thrown in ${hookOf[where]} fails the run, and the instance is torn down`,
    build: (p) => p.apply(create([1, 2, 3])).apply(parDo(failingIn<number>(where))),
    fails: visits(pattern),
  },
  [`${id}/state`]: {
    title: `what is thrown in ${hookOf[where]} of a step with state fails the run, and the instance is torn down`,
    build: (p) =>
      p.apply(create([kv("a", 1), kv("a", 2), kv("a", 3)])).apply(parDo({ ...failingIn<KV<string, number>>(where), state: { count } })),
    fails: visits(pattern),
  },
});

const hookOf = { setup: "setup", start: "startBundle", finish: "finishBundle" };
const count = valueState<number>();

class Failing {
  readonly visited: Call[] = ["setup"];
  readonly error = new Error("visited setup");

  visit(call: Call): void {
    this.visited.push(call);
    this.error.message = `visited ${this.visited.join(", ")}`;
  }
}

const visits =
  (pattern: RegExp) =>
  ({ cause }: Error): void =>
    mustMatch(cause instanceof Error ? cause.message : String(cause), pattern, "the cause of the run's error");

/** Throws an error with a text of its own. */
function refuse(text: string): never {
  throw new Error(text);
}

/** What a DoFn lives through: section LIFE of the catalogue. */
export const lifecycleCases = caseModule(import.meta.url, {
  "LIFE-01": {
    title: "an instance is set up once, lives through whole bundles, and is torn down at last",
    build: (p) =>
      sevenNumbers(p).apply(
        parDo({
          ...checkingHooks,
          output: output<number>(),
          process(n, ctx) {
            ctx.instance.follow("process");
            ctx.output(n);
          },
          finishBundle: finishes,
        }),
      ),
    expected: [1, 2, 3, 4, 5, 6, 7],
  },
  "LIFE-01/outputs": {
    title: "an instance with several outputs lives the same life",
    build: (p) =>
      sevenNumbers(p).apply(
        parDo({
          ...checkingHooks,
          output: output<number>(),
          outputs: { odd: output<number>() },
          process(n, ctx) {
            ctx.instance.follow("process");
            if (n % 2 === 0) ctx.output(n);
            else ctx.outputs.odd(n);
          },
          finishBundle: finishes,
        }),
      ),
    expected: { main: [2, 4, 6], odd: [1, 3, 5, 7] },
  },
  "LIFE-01/teardown": {
    title: "an instance is torn down when the run ends; what is thrown there fails the run",
    build: (p) =>
      sevenNumbers(p).apply(
        parDo({
          ...checkingHooks,
          output: output<number>(),
          process: (_, { instance }) => instance.follow("process"),
          finishBundle: finishes,
          teardown({ calls }) {
            throw new Error(`lived ${[...calls, "teardown"].join(" ")}`);
          },
        }),
      ),
    fails: /lived setup( start( process)* finish)+ teardown\b/,
  },
  "LIFE-01/state": {
    title: "an instance of a step with state lives the same life",
    build: (p) =>
      abc(p).apply(
        parDo({
          ...checkingHooks,
          output: output<KV<string, number>>(),
          state: { count },
          process([key], ctx) {
            ctx.instance.follow("process");
            ctx.output([key, ctx.state.count.read() ?? 0]);
            ctx.state.count.write((ctx.state.count.read() ?? 0) + 1);
          },
          finishBundle: finishes,
        }),
      ),
    expected: [
      ["b", 0],
      ["b", 1],
      ["b", 2],
      ["c", 0],
      ["c", 1],
      ["a", 0],
      ["a", 1],
    ],
  },
  ...failing("LIFE-02", "setup", /^visited setup, teardown$/),
  ...failing("LIFE-03", "start", /^visited setup, start, teardown$/),
  ...failing("LIFE-05", "finish", /^visited setup(, start, finish)*, start(, process)+, finish, teardown$/),
  "LIFE-06/start": {
    title: "the error of the run has the text of what startBundle threw",
    build: (p) =>
      p.apply(create([1])).apply(parDo({ startBundle: () => refuse("test error in initialize"), process() {}, output: output<number>() })),
    fails: /test error in initialize/,
  },
  "LIFE-06/process": {
    title: "the error of the run has the text of what process threw",
    build: (p) => p.apply(create([1])).apply(parDo({ process: () => refuse("test error in process"), output: output<number>() })),
    fails: /test error in process/,
  },
  "LIFE-06/finish": {
    title: "the error of the run has the text of what finishBundle threw",
    build: (p) =>
      p.apply(create([1])).apply(parDo({ process() {}, finishBundle: () => refuse("test error in finalize"), output: output<number>() })),
    fails: /test error in finalize/,
  },
  "LIFE-09": {
    title: "elements, timers and the ends of windows come in whole bundles, and nothing after the teardown",
    build: (p) =>
      abc(p).pipe(
        windowInto(fixedWindows(10)),
        parDo({
          ...checkingHooks,
          output: output<string>(),
          timers: { timer: eventTimer() },
          process([key], { instance, timers, output: emit }) {
            instance.follow("process");
            timers.timer.setRelative({ offset: 1 });
            emit(key);
          },
          onTimer: {
            timer({ instance, key, output: emit }) {
              instance.follow("process");
              emit(`timer ${key}`);
            },
          },
          onWindowExpiration({ instance, key, output: emit }) {
            instance.follow("process");
            emit(`end ${key}`);
          },
          finishBundle: finishes,
        }),
      ),
    expected: ["b", "b", "b", "c", "c", "a", "a", ...["a", "b", "c"].flatMap((key) => [`timer ${key}`, `end ${key}`])],
  },
  "LIFE-10": {
    title: "what finishBundle gives out is in the window that it names",
    build: (p) =>
      p.apply(createAt([at(1, "elem")])).pipe(
        windowInto(fixedWindows(1)),
        parDo({
          output: output<string>(),
          process() {},
          finishBundle: (ctx) => ctx.output("finish", { timestamp: 3, window: intervalWindow(3, 4) }),
        }),
        withWindow(),
        map((element) => element.join(" ")),
      ),
    check: ({ main = [] }) => mustHold([...new Set(main)], ["[3,4) finish"]),
  },
  "LIFE-10/nowhere": {
    title: "finishBundle cannot give anything out without saying where it belongs",
    build: (p) =>
      p.apply(create([1])).apply(
        parDo({
          output: output<string>(),
          process() {},
          finishBundle: (ctx: FinishContext<string, {}, undefined>) => (ctx.output as (value: string) => undefined)("finish"),
        }),
      ),
    fails: /^BAD_TIMESTAMP/,
  },
});
