/* oxlint-disable unicorn/no-thenable -- the word `then` of a failure policy */
import fc from "fast-check";
import type { Either } from "fp-ts/lib/Either.js";
import {
  collect,
  counter,
  filter,
  filterMap,
  fixedWindows,
  flatMap,
  globalWindow,
  groupByKey,
  intervalWindow,
  intervalWindowCoder,
  keyBy,
  map,
  mapEither,
  output,
  parDo,
  splitBy,
  structuralCoder,
  windowInto,
  withCoder,
  withExceptionHandling,
  withTimestamps,
  type Collected,
  type DoFn,
  type ElementContext,
  type Instant,
  type KV,
  type PCollection,
  type PTransform,
  type WindowFn,
} from "millrace";

/** A step of a tree as data, which prints well where a property fails. */
export interface TreeStep {
  /** Different for each step of a tree; the step's path. */
  readonly name: string;
  readonly shape: Shape;
  readonly guard: Guard | undefined;
  /** In the order of the step's outputs; dead letters come last. */
  readonly outputs: readonly TreeOutput[];
}

/** An output of a step, and who reads it. */
export interface TreeOutput {
  /** The name of its collection. */
  readonly name: string;
  readonly isCollected: boolean;
  readonly isGrouped: boolean;
  readonly steps: readonly TreeStep[];
}

/** What happens when a step's function throws. */
export interface Guard {
  readonly attempts: number;
  readonly then: "fail" | "skip" | "deadLetter";
}

/** Which numbers something happens for. */
export interface Hit {
  readonly of: number;
  readonly rest: number;
}

/** What a step does with the number that is in an element. `fails` are the numbers for which its function throws. */
export type Shape = { readonly fails: Hit | undefined } & (
  | { readonly kind: "map"; readonly plus: number }
  /** Declares its context, by two parameters or, what counts as well, by none. */
  | { readonly kind: "inContext"; readonly parameters: 0 | 2; readonly as: "map" | "filter" | "flatMap" | "generator" }
  | { readonly kind: "filter"; readonly drops: Hit }
  | { readonly kind: "filterMap"; readonly drops: Hit }
  | { readonly kind: "flatMap"; readonly gives: "array" | "set" | "generator"; readonly count: number; readonly failsAfter: number }
  | { readonly kind: "keyBy"; readonly keys: number }
  | { readonly kind: "splitBy"; readonly tags: readonly string[]; readonly parameters: 1 | 2 }
  | { readonly kind: "mapEither"; readonly lefts: Hit }
  | { readonly kind: "windowInto"; readonly size: number; readonly overlap: boolean }
  | { readonly kind: "timestamps"; readonly shift: number }
  | { readonly kind: "pass" }
  | {
      readonly kind: "doFn";
      readonly count: number;
      readonly isOtherGiven: boolean;
      readonly failsWhen: "before" | "between" | "after";
      /** How it changes the time of what it gives out first; back it may go by 1 ms, and does by up to 2. */
      readonly time: "same" | "forward" | "back";
      /** What its `process` does when giving out an element throws. */
      readonly catches: "nothing" | "swallows" | "wraps";
      /** Whether it counts elements from `startBundle` on and gives the count out in `finishBundle`. */
      readonly countsBundle: boolean;
    }
);

/** Which trees to make. */
export interface TreeOptions {
  /** DoFns that catch what `ctx.output` throws, and go on or throw something else. */
  readonly catches?: boolean;
  /** DoFns that give out something in `finishBundle`, so that the outputs depend on the bundles. */
  readonly bundles?: boolean;
}

/** A random tree of steps behind one collection. */
export interface StepTree {
  readonly root: TreeOutput;
  /** Applies all steps. */
  readonly apply: (input: PCollection<unknown>) => Applied;
}

/** What comes out of a tree, by the name of the collection; groups by that of the collection that is grouped. */
export interface Applied {
  readonly collected: Readonly<Record<string, Collected<unknown>>>;
  readonly grouped: Readonly<Record<string, Collected<KV<unknown, Iterable<unknown>>>>>;
}

/** Where a tree begins. */
export const ROOT = "Root";

/**
 * Random trees of steps of every kind that may be fused: with functions that throw for some elements, steps of several outputs,
 * collections that are read any number of times, and failure policies.
 *
 * Elements are numbers, pairs, `null` and `undefined`, see {@link treeElement}; every function first takes the number that is in one.
 */
export function stepTrees(options: TreeOptions = {}): fc.Arbitrary<StepTree> {
  const outputAt = (depth: number): fc.Arbitrary<Draft> =>
    plainRecord({
      isCollected: fc.boolean(),
      isGrouped: fc.nat(79),
      steps: depth === 0 ? fc.constant([]) : fc.array(stepAt(depth - 1), { maxLength: 2 }),
    });
  const stepAt = (depth: number): fc.Arbitrary<StepDraft> =>
    plainRecord({ shape: shapes(options), guard: guards }).chain(({ shape, guard }) =>
      fc.tuple(...tagsOf(shape, guard).map(() => outputAt(depth))).map((outputs) => ({ shape, guard, outputs })),
    );
  return outputAt(DEEPEST).map(treeOf);
}

/** How many steps lie behind each other at most. */
const DEEPEST = 6;

/** Any element of a tree's input. */
export const treeElement: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 8, arbitrary: fc.nat(60) },
  { weight: 1, arbitrary: fc.tuple(fc.nat(3), fc.nat(60)) },
  { weight: 1, arbitrary: fc.constantFrom(null, undefined) },
);

type Draft = { readonly isCollected: boolean; readonly isGrouped: number; readonly steps: readonly StepDraft[] };
interface StepDraft {
  readonly shape: Shape;
  readonly guard: Guard | undefined;
  readonly outputs: readonly Draft[];
}

/** A record that looks like one that was written down. */
const plainRecord = <F extends object>(fields: { [N in keyof F]: fc.Arbitrary<F[N]> }): fc.Arbitrary<F> =>
  fc.record(fields, { noNullPrototype: true }) as unknown as fc.Arbitrary<F>;

/** The one or the other: most steps have none, since a tree in which much fails says little of the rest. */
const seldom = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.oneof({ weight: 3, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary });

const guards = seldom(
  plainRecord<Guard>({ attempts: fc.integer({ min: 1, max: 3 }), then: fc.constantFrom("fail", "skip", "deadLetter") }),
);

const hit = (least: number): fc.Arbitrary<Hit> =>
  plainRecord<Hit>({ of: fc.integer({ min: least, max: 12 }), rest: fc.nat(11) }).map(({ of, rest }) => ({ of, rest: rest % of }));

function shapes({ catches = false, bundles = false }: TreeOptions): fc.Arbitrary<Shape> {
  const fails = seldom(hit(3));
  const shape = <K extends Shape["kind"]>(
    kind: K,
    fields: { [N in Exclude<keyof Extract<Shape, { kind: K }>, "kind">]: fc.Arbitrary<Extract<Shape, { kind: K }>[N]> },
  ): fc.Arbitrary<Shape> => plainRecord({ kind: fc.constant(kind), ...fields }) as unknown as fc.Arbitrary<Shape>;
  return fc.oneof(
    shape("map", { plus: fc.nat(9), fails }),
    shape("inContext", { parameters: fc.constantFrom(0, 2), as: fc.constantFrom("map", "filter", "flatMap", "generator"), fails }),
    shape("filter", { drops: hit(1), fails }),
    shape("filterMap", { drops: hit(1), fails }),
    shape("flatMap", { gives: fc.constantFrom("array", "set", "generator"), count: fc.nat(3), failsAfter: fc.nat(3), fails }),
    shape("keyBy", { keys: fc.integer({ min: 1, max: 4 }), fails }),
    shape("splitBy", { tags: fc.constantFrom(["a", "b"], ["a", "b", "c"]), parameters: fc.constantFrom(1, 2), fails }),
    shape("mapEither", { lefts: hit(2), fails }),
    shape("windowInto", { size: fc.constantFrom(5, 20), overlap: fc.boolean(), fails }),
    shape("timestamps", { shift: fc.nat(30), fails }),
    shape("pass", { fails: fc.constant(undefined) }),
    shape("doFn", {
      count: fc.nat(2),
      isOtherGiven: fc.boolean(),
      failsWhen: fc.constantFrom("before", "between", "after"),
      time: fc.constantFrom("same", "same", "forward", "forward", "back"),
      catches: catches ? fc.constantFrom("nothing", "swallows", "wraps") : fc.constant("nothing"),
      countsBundle: bundles ? fc.boolean() : fc.constant(false),
      fails,
    }),
  );
}

/** Names the steps, and gives each as many outputs as it has. */
function treeOf(draft: Draft): StepTree {
  let steps = 0;
  const named = ({ shape, guard: given, outputs }: StepDraft): TreeStep => {
    const name = `${shape.kind}${++steps}`;
    const guard = guardOf(shape, given);
    const tags = tagsOf(shape, given);
    return {
      name,
      shape,
      guard,
      outputs: tags.map((tag, i) => outputOf(tags.length > 1 ? `${name}.${tag}` : name, outputs[i]!, shape.kind === "keyBy" && i === 0)),
    };
  };
  const outputOf = (name: string, { isCollected, isGrouped, steps: readers }: Draft, hasPairs: boolean): TreeOutput => ({
    name,
    isCollected,
    // Pairs half of the time, anything else now and then: what is no pair then fails at the grouping.
    isGrouped: isGrouped >= (hasPairs ? 40 : 79),
    steps: readers.map(named),
  });
  const root = outputOf(ROOT, draft, false);
  return { root, apply: (input) => applied(root, input) };
}

/** The outputs of steps that have several, in their order. */
const severalTags: Readonly<Record<string, readonly string[]>> = { doFn: ["main", "other"], mapEither: ["right", "left"] };

/** Not every step may have a policy. */
const guardOf = ({ kind }: Shape, guard: Guard | undefined): Guard | undefined => (kind === "windowInto" ? undefined : guard);

function tagsOf(shape: Shape, guard: Guard | undefined): readonly string[] {
  const own = shape.kind === "splitBy" ? shape.tags : (severalTags[shape.kind] ?? ["main"]);
  return guardOf(shape, guard)?.then === "deadLetter" ? [...own, "failed"] : own;
}

function applied(root: TreeOutput, input: PCollection<unknown>): Applied {
  const collected: Record<string, Collected<unknown>> = {};
  const grouped: Record<string, Collected<KV<unknown, Iterable<unknown>>>> = {};
  const applyTo = (collection: PCollection<unknown>, { name, isCollected, isGrouped, steps }: TreeOutput): void => {
    for (const step of steps) applyStep(collection, step);
    if (isCollected) collected[name] = collection.apply(`Collect ${name}`, collect());
    if (isGrouped) {
      const groups = (collection as PCollection<KV<unknown, unknown>>).apply(groupOf(name), groupByKey());
      grouped[name] = groups.apply(`Collect ${groupOf(name)}`, collect());
    }
  };
  const applyStep = (collection: PCollection<unknown>, { name, shape, guard, outputs }: TreeStep): void => {
    const plain = transformOf(name, shape, () => calls.inc());
    const given: unknown = collection.apply(name, guard === undefined ? plain : withExceptionHandling(plain, guard));
    const isOne = typeof (given as PCollection<unknown>).apply === "function";
    const made = Object.values(isOne ? [given] : (given as object)) as readonly PCollection<unknown>[];
    outputs.forEach((each, i) => applyTo(made[i]!, each));
  };
  applyTo(input, root);
  return { collected, grouped };
}

/** The path of the grouping of a collection. */
export const groupOf = (collection: string): string => `Group ${collection}`;

/** Counts every call of a function, and every part of one that goes on after it has given something out. */
const calls = counter("calls");

function transformOf(name: string, shape: Shape, onCall: () => void): PTransform<PCollection<unknown>, PCollection<unknown>> {
  const code = codeOf(name, shape, onCall);
  switch (code.kind) {
    case "map":
      return map(code.call);
    case "filter":
      return filter(code.call as (element: unknown) => boolean);
    case "filterMap":
      return filterMap(code.call as (element: unknown) => unknown);
    case "flatMap":
      return flatMap(code.call as (element: unknown) => Iterable<unknown>);
    case "keyBy":
      return keyBy(code.call as (element: unknown) => unknown);
    case "splitBy":
      return splitBy(code.tags, code.call as (element: unknown, ctx: ElementContext) => string) as unknown as PTransform<
        PCollection<unknown>,
        PCollection<unknown>
      >;
    case "mapEither":
      return mapEither(code.call) as unknown as PTransform<PCollection<unknown>, PCollection<unknown>>;
    case "timestamps":
      return withTimestamps(code.call, { allowedSkew: SKEW });
    case "windowInto":
      return windowInto(code.windowFn);
    case "pass":
      return withCoder(structuralCoder);
    case "doFn":
      return parDo(code.doFn) as unknown as PTransform<PCollection<unknown>, PCollection<unknown>>;
  }
}

/** How far a step may move an element back in time. */
export const SKEW = 5;

/** How far a DoFn may. */
export const DO_FN_SKEW = 1;

/** A DoFn of a tree, as an oracle may call it too. */
export type TreeDoFn = DoFn<unknown, {}, {}, {}, unknown, { other: unknown }, { seen: number }, false>;

/** A function of an element and, if it says so by its parameters, of its context. */
export type CalledCode = { readonly call: (element: unknown, ctx: ElementContext) => unknown } & (
  | { readonly kind: "map" | "filter" | "filterMap" | "flatMap" | "keyBy" }
  | { readonly kind: "splitBy"; readonly tags: readonly string[] }
);

/** The functions of a step: user code, which the engine and its oracle call each in their own way. */
export type Code =
  | CalledCode
  | { readonly kind: "timestamps"; readonly call: (element: unknown) => Instant }
  | { readonly kind: "mapEither"; readonly call: (element: unknown) => Either<unknown, unknown> }
  | { readonly kind: "windowInto"; readonly windowFn: WindowFn }
  | { readonly kind: "pass" }
  | { readonly kind: "doFn"; readonly doFn: TreeDoFn };

/** The number in an element: it decides on everything that is done with it. */
function numberIn(element: unknown): number {
  if (typeof element === "number") return element;
  if (Array.isArray(element)) return numberIn(element.at(-1));
  if (typeof element === "object" && element !== null) return numberIn((element as { readonly element?: unknown }).element);
  return element === null ? 7 : 5;
}

const hits = ({ of, rest }: Hit, number: number): boolean => number % of === rest;

/** The functions of a step. What they throw names the step and the number. */
export function codeOf(name: string, shape: Shape, onCall: () => void): Code {
  const failFor = (number: number): void => {
    if (shape.fails !== undefined && hits(shape.fails, number)) throw new Error(`${name} cannot take ${number}`);
  };
  /** A function of one parameter that counts its call, and throws for some numbers. */
  const called =
    <Out>(f: (number: number, element: unknown) => Out) =>
    (element: unknown): Out => {
      onCall();
      const number = numberIn(element);
      failFor(number);
      return f(number, element);
    };

  switch (shape.kind) {
    case "map":
      return { kind: "map", call: called((number) => (number + shape.plus) % 1_000) };
    case "inContext":
      return inContext(shape, called);
    case "filter":
      return { kind: "filter", call: called((number) => !hits(shape.drops, number)) };
    case "filterMap":
      return { kind: "filterMap", call: called((number) => (hits(shape.drops, number) ? undefined : number * 2)) };
    case "keyBy":
      return { kind: "keyBy", call: called((number) => number % shape.keys) };
    case "splitBy":
      return { kind: "splitBy", tags: shape.tags, call: tagFor(shape, called) };
    case "mapEither":
      return {
        kind: "mapEither",
        call: called((number) => (hits(shape.lefts, number) ? { _tag: "Left", left: number } : { _tag: "Right", right: number + 1 })),
      };
    case "timestamps":
      return { kind: "timestamps", call: called((number) => (number % 40) + shape.shift) };
    case "windowInto":
      // Fixed windows as they are look at nothing but the time, and need not be asked for each element.
      if (!shape.overlap && shape.fails === undefined) return { kind: "windowInto", windowFn: fixedWindows(shape.size) };
      return {
        kind: "windowInto",
        windowFn: windowFnOf(
          shape.size,
          shape.overlap,
          called(() => undefined),
        ),
      };
    case "pass":
      return { kind: "pass" };
    case "flatMap":
      return { kind: "flatMap", call: listsOf(shape, onCall, failFor) };
    case "doFn":
      return { kind: "doFn", doFn: doFnOf(shape, onCall, failFor, name) };
  }
}

type Called = <Out>(f: (number: number, element: unknown) => Out) => (element: unknown) => Out;

/** A function that says by its parameters that it looks at its context. */
function inContext({ parameters, as }: Extract<Shape, { kind: "inContext" }>, called: Called): Code {
  const kind = as === "generator" ? "flatMap" : as;
  const call = called((number) => number + 1);
  const results = (element: unknown, { timestamp, window }: Pick<ElementContext, "timestamp" | "window">): unknown => {
    const number = call(element);
    if (kind === "filter") return (number + window.maxTimestamp) % 2 === 0;
    const result = [timestamp, window.maxTimestamp % 100, number];
    if (as === "map") return result;
    return as === "flatMap" ? [result, number] : new Set([result, number]).values();
  };
  const constant = { timestamp: 0, window: { maxTimestamp: 0 } };
  return { kind, call: parameters === 2 ? (element, ctx) => results(element, ctx) : () => results(10, constant) };
}

/** A function that gives one of the tags; one that looks at its context may give another one in each window. */
function tagFor({ tags, parameters }: Extract<Shape, { kind: "splitBy" }>, called: Called): CalledCode["call"] {
  const numberOf = called((number) => number);
  const tagAt = (number: number): string => tags[number % tags.length]!;
  return parameters === 1
    ? (element) => tagAt(numberOf(element))
    : (element, { window }) => tagAt(numberOf(element) + Math.abs(window.maxTimestamp % 100));
}

/** A function that gives some numbers from an element's own on; a generator may throw when it has given some of them. */
function listsOf(
  { gives, count, failsAfter }: Extract<Shape, { kind: "flatMap" }>,
  onCall: () => void,
  failFor: (number: number) => void,
): (element: unknown) => Iterable<unknown> {
  const numbers = (first: number): readonly number[] => Array.from({ length: count }, (_, i) => first + i);
  if (gives === "generator") {
    return function* (element: unknown) {
      const number = numberIn(element);
      for (let i = 0; i < count; i++) {
        onCall();
        if (i === failsAfter) failFor(number);
        yield number + i;
      }
      onCall();
      if (failsAfter >= count) failFor(number);
    };
  }
  return (element) => {
    onCall();
    const number = numberIn(element);
    failFor(number);
    return gives === "array" ? numbers(number) : new Set(numbers(number));
  };
}

function windowFnOf(size: number, overlap: boolean, onAssign: (element: unknown) => void): WindowFn {
  const fixed = fixedWindows(size);
  return {
    name: `${overlap ? "overlapping" : "fixed"}(${size})`,
    assign(element) {
      onAssign(element.value);
      const windows = fixed.assign(element);
      if (!overlap) return windows;
      const { start, end } = windows[0]!;
      return [windows[0]!, intervalWindow(start - size, end)];
    },
    windowCoder: intervalWindowCoder,
    isCompatible: () => false,
  };
}

function doFnOf(
  { count, isOtherGiven, failsWhen, time, catches, countsBundle }: Extract<Shape, { kind: "doFn" }>,
  onCall: () => void,
  failFor: (number: number) => void,
  name: string,
): TreeDoFn {
  const caught = (give: () => void): void => {
    if (catches === "nothing") return give();
    try {
      give();
    } catch (error) {
      if (catches === "wraps") throw new Error(`${name} has caught something`, { cause: error });
    }
  };
  const failWhen = (when: typeof failsWhen, number: number): void => {
    if (failsWhen === when) failFor(number);
  };
  return {
    output: output<unknown>(),
    outputs: { other: output<unknown>() },
    allowedSkew: DO_FN_SKEW,
    setup: () => ({ seen: 0 }),
    startBundle({ instance }) {
      instance.seen = 0;
    },
    process(element, ctx) {
      onCall();
      ctx.instance.seen++;
      const number = numberIn(element);
      const moves = { same: 0, forward: 1, back: -(number % 3) }[time];
      failWhen("before", number);
      for (let i = 0; i < count; i++) {
        caught(() => ctx.output(number + i, moves === 0 ? undefined : { timestamp: ctx.timestamp + moves }));
        onCall();
      }
      failWhen("between", number);
      if (isOtherGiven) caught(() => ctx.outputs.other([ctx.window.maxTimestamp % 100, number]));
      onCall();
      failWhen("after", number);
    },
    ...(countsBundle
      ? {
          finishBundle(ctx: Parameters<NonNullable<TreeDoFn["finishBundle"]>>[0]) {
            onCall();
            ctx.output(ctx.instance.seen, { timestamp: 3, window: globalWindow });
            ctx.outputs.other(ctx.instance.seen, { timestamp: 4, window: globalWindow });
          },
        }
      : {}),
  };
}
