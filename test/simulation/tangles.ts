/* oxlint-disable unicorn/no-thenable -- the word `then` of a failure policy */
import {
  afterCount,
  afterProcessingTime,
  afterSynchronizedProcessingTime,
  afterWatermark,
  asList,
  asMultimap,
  asSingleton,
  asyncMap,
  coGroupByKey,
  combineGlobally,
  combinePerKey,
  combiningState,
  count,
  defaultTrigger,
  distinct,
  eventTimer,
  eventTimerFamily,
  filter,
  fixedWindows,
  flatMap,
  flatten,
  fullJoin,
  groupByKey,
  innerJoin,
  keyBy,
  leftJoin,
  map,
  max,
  orderedListState,
  output,
  parDo,
  repeatedly,
  reshuffle,
  sessions,
  slidingWindows,
  splittable,
  sum,
  valueState,
  values,
  wait,
  windowInto,
  withExceptionHandling,
  type KV,
  type PCollection,
  type PTransform,
  type Trigger,
  type Window,
  type WindowFn,
} from "millrace";
import type { Choices } from "./choices.ts";

export type Pairs = PCollection<KV<string, number>>;

/** What is known of a collection. */
export interface Facts {
  /** Those with the same windows may be put together. */
  readonly windows: number;
  readonly merges: boolean;
  /** Whether it is the same in each run. */
  readonly isSteady: boolean;
  /** Whether a grouping of it emits once for each key and window. */
  readonly emitsOnce: boolean;
  /** Whether elements that come after their window may still be taken in. */
  readonly isLenient: boolean;
}

/** What a run may go through, and its result not depend on. */
export interface Trouble {
  /** Whether functions that nobody catches fail the first time that they get some elements, so that bundles are run again. */
  readonly failsBundles: boolean;
}

type Apply = (at: string, inputs: readonly Pairs[], trouble: Trouble) => Pairs;

/** A step that is applied to collections that were made before, by their numbers. */
interface Step {
  readonly inputs: readonly number[];
  readonly name: string;
  readonly apply: Apply;
}

/** A pipeline that was drawn: some steps behind some sources, as data, so that it can be built on other sources. */
export interface Tangle {
  readonly steps: readonly Step[];
  /** Builds it; answers the collections that no step reads, and whether each is the same in each run. */
  readonly build: (sources: readonly Pairs[], trouble: Trouble) => readonly { readonly pairs: Pairs; readonly isSteady: boolean }[];
}

/** What a step makes of a collection, or of two. */
interface Kind {
  /** Whether it can be done to these; the second one is another collection with the same windows, or for a side input with any. */
  readonly suits?: (first: Facts, second: Facts) => boolean;
  /** Whether it reads a second collection, and whether that has to have the same windows. */
  readonly reads?: "same windows" | "any windows";
  readonly make: (choices: Choices) => Apply;
  readonly after?: (first: Facts) => Facts;
}

const mod = (n: number): number => ((n % 997) + 997) % 997;

/** A number for some numbers in any order. */
const digest = (numbers: Iterable<number>): number => mod([...numbers].reduce((all, n) => all + n * n + 7, 0));

const onKeys = (fn: (pair: KV<string, number>) => number): PTransform<Pairs, Pairs> => map((pair) => [pair[0], fn(pair)] as const);

/** Whether an attempt at something fails: the first of each, for those that are chosen. */
class Attempts {
  readonly #counts = new Map<string, number>();

  of(what: unknown): number {
    const key = JSON.stringify(what);
    const attempt = (this.#counts.get(key) ?? 0) + 1;
    this.#counts.set(key, attempt);
    return attempt;
  }
}

const notMerging = ({ merges }: Facts): boolean => !merges;
const once = (facts: Facts): Facts => facts;
/** A grouping that emits more than once gives what depends on the run. */
const grouped = (facts: Facts): Facts => ({ ...facts, isSteady: facts.isSteady && facts.emitsOnce });

const kinds: Readonly<Record<string, Kind>> = {
  map: {
    make: (choices) => {
      const [a, b] = [choices.between(1, 5), choices.below(9)];
      return (at, [pairs]) =>
        pairs!.apply(
          at,
          onKeys(([, n]) => mod(n * a + b)),
        );
    },
  },
  filter: {
    make: (choices) => {
      const rest = choices.below(4);
      return (at, [pairs]) =>
        pairs!.apply(
          at,
          filter(([, n]) => n % 4 !== rest),
        );
    },
  },
  flatMap: {
    make:
      () =>
      (at, [pairs]) =>
        pairs!.apply(
          at,
          flatMap(([key, n]) => (n % 3 === 0 ? [[key, n] as const, [`${key}x`.slice(0, 2), mod(n + 1)] as const] : [[key, n] as const])),
        ),
  },
  rekey: {
    make: (choices) => {
      const keys = choices.between(1, 4);
      return (at, [pairs]) =>
        pairs!
          .apply(
            `${at}Key`,
            keyBy(([, n]) => `k${n % keys}`),
          )
          .apply(
            at,
            map(([key, [, n]]) => [key, n] as const),
          );
    },
  },
  reshuffle: {
    make:
      () =>
      (at, [pairs]) =>
        pairs!.apply(at, reshuffle()),
  },
  splittable: {
    make:
      () =>
      (at, [pairs]) =>
        pairs!.apply(
          at,
          splittable({
            output: output<KV<string, number>>(),
            restriction: ([, n]: KV<string, number>) => ({ from: 0, to: n % 4 }),
            process([key, n], { restriction, tracker, output: emit }) {
              for (let i = restriction.from; tracker.tryClaim(i); i++) emit([key, mod(n + i)]);
            },
          }),
        ),
  },
  async: {
    make: (choices) => {
      const concurrency = choices.between(1, 3);
      return (at, [pairs]) => {
        const attempts = new Attempts();
        const calling = asyncMap(
          async (pair: KV<string, number>) => {
            for (let i = 0; i < pair[1] % 3; i++) await Promise.resolve();
            if (pair[1] % 5 === 0 && attempts.of(pair) === 1) throw new Error("not yet");
            return [pair[0], mod(pair[1] + 3)] as const;
          },
          { concurrency },
        );
        return pairs!.apply(at, withExceptionHandling(calling, { attempts: 2, backoff: { first: 5 }, then: "fail" }));
      };
    },
  },
  flaky: {
    make:
      () =>
      (at, [pairs]) => {
        const attempts = new Attempts();
        const failing = map(([key, n]: KV<string, number>) => {
          if (n % 3 === 0 && attempts.of([key, n]) % 2 === 1) throw new Error("not yet");
          return [key, mod(n + 2)] as const;
        });
        return pairs!.apply(at, withExceptionHandling(failing, { attempts: 2, then: "fail" }));
      },
  },
  deadLetters: {
    make:
      () =>
      (at, [pairs]) => {
        const failing = map(([key, n]: KV<string, number>) => {
          if (n % 4 === 1) throw new Error("never");
          return [key, n] as const;
        });
        const { main, failed } = pairs!.apply(at, withExceptionHandling(failing, { attempts: 2, then: "deadLetter" }));
        const letters = failed.apply(
          `${at}Letters`,
          map(({ element: [key, n], attempts: tried }) => [`${key}!`, mod(n * tried)] as const),
        );
        return flatten(`${at}All`, [main, letters]);
      },
  },
  /** A bundle that fails and is run again, where nothing but its inputs is needed for that. */
  poison: {
    make:
      () =>
      (at, [pairs], { failsBundles }) => {
        const attempts = new Attempts();
        return pairs!.apply(`${at}Spread`, reshuffle()).apply(
          at,
          onKeys(([key, n]) => {
            if (failsBundles && n % 5 === 2 && attempts.of([key, n]) === 1) throw new Error("this bundle fails");
            return mod(n + 4);
          }),
        );
      },
  },
  groupByKey: {
    make:
      () =>
      (at, [pairs]) =>
        pairs!.apply(`${at}Group`, groupByKey()).apply(
          at,
          map(([key, all]) => [key, digest(all)] as const),
        ),
    after: grouped,
  },
  combine: {
    make: (choices) => {
      const fanout = choices.pick([undefined, undefined, 3]);
      return (at, [pairs]) =>
        pairs!
          .apply(`${at}Combine`, combinePerKey({ total: sum(), n: count(), best: max() }, fanout === undefined ? {} : { fanout }))
          .apply(
            at,
            map(([key, { total, n, best }]) => [key, mod(total + 11 * n + 13 * best)] as const),
          );
    },
    after: grouped,
  },
  sum: {
    make:
      () =>
      (at, [pairs]) =>
        pairs!.apply(at, combinePerKey(sum())),
    after: grouped,
  },
  distinct: {
    make:
      () =>
      (at, [pairs]) =>
        pairs!
          .apply(
            `${at}Rest`,
            map(([key, n]) => [key, n % 5] as const),
          )
          .apply(at, distinct()),
    after: grouped,
  },
  /** What a key has in a window, told by a timer. */
  atTimer: {
    suits: notMerging,
    make:
      () =>
      (at, [pairs]) => {
        const attempts = new Attempts();
        const told = parDo({
          state: { total: combiningState(sum()) },
          timers: { end: eventTimer() },
          output: output<KV<string, number>>(),
          process([key, n]: KV<string, number>, { state, timers, window, timestamp }) {
            state.total.add(n);
            timers.end.set(window.maxTimestamp);
            if (n % 3 === 1 && attempts.of([key, n, timestamp, window]) % 2 === 1) throw new Error("not yet");
          },
          onTimer: { end: ({ key, state, output: emit }) => emit([key as string, mod(state.total.read())]) },
        });
        return pairs!.apply(at, withExceptionHandling(told, { attempts: 2, then: "fail" }));
      },
  },
  /** The same, told when the window is over. What is told then is late where windows stay open for longer than they last. */
  atExpiry: {
    suits: ({ merges, isLenient }) => !merges && !isLenient,
    make:
      () =>
      (at, [pairs]) => {
        const attempts = new Attempts();
        const told = parDo({
          state: { total: combiningState(sum()) },
          output: output<KV<string, number>>(),
          process([key, n]: KV<string, number>, { state, window, timestamp }) {
            state.total.add(n);
            if (n % 3 === 1 && attempts.of([key, n, timestamp, window]) % 2 === 1) throw new Error("not yet");
          },
          onWindowExpiration: ({ key, state, output: emit }) => emit([key as string, mod(state.total.read())]),
        });
        return pairs!.apply(at, withExceptionHandling(told, { attempts: 2, then: "fail" }));
      },
  },
  /** A timer for each element, some time after it. */
  alarms: {
    suits: notMerging,
    make: (choices) => {
      const wait_ = choices.below(6);
      return (at, [pairs]) =>
        pairs!.apply(
          at,
          parDo({
            timers: { alarms: eventTimerFamily() },
            output: output<KV<string, number>>(),
            process([, n]: KV<string, number>, { timers, window, timestamp }) {
              timers.alarms.set(`${n} ${timestamp}`, Math.min(timestamp + wait_, window.maxTimestamp), { outputTimestamp: timestamp });
            },
            onTimer: {
              alarms({ key, tag, output: emit }) {
                emit([key as string, Number(tag.split(" ")[0])]);
              },
            },
          }),
        );
    },
  },
  /** What came before an element, in the order of times. */
  sorted: {
    suits: notMerging,
    make:
      () =>
      (at, [pairs]) =>
        pairs!.apply(
          at,
          parDo({
            requiresTimeSortedInput: true,
            state: { seen: orderedListState<number>(), last: valueState<number>() },
            output: output<KV<string, number>>(),
            process([key, n]: KV<string, number>, { state, timestamp, output: emit }) {
              const before = [...state.seen.read()].filter((each) => each.timestamp < timestamp).map(({ value }) => value);
              emit([key, mod(digest(before) + n)]);
              state.seen.add(n, timestamp);
            },
          }),
        ),
  },
  list: {
    reads: "any windows",
    suits: (_, side) => !side.merges && side.emitsOnce,
    make:
      () =>
      (at, [pairs, beside]) =>
        pairs!.apply(
          at,
          map(([key, n], { sideInputs: { side } }) => [key, mod(n + digest(side.map(([, each]) => each)))] as const, {
            sideInputs: { side: asList(beside!) },
          }),
        ),
  },
  multimap: {
    reads: "any windows",
    suits: (_, side) => !side.merges && side.emitsOnce,
    make:
      () =>
      (at, [pairs, beside]) =>
        pairs!.apply(
          at,
          map(([key, n], { sideInputs: { side } }) => [key, mod(n + digest(side.get(key) ?? []))] as const, {
            sideInputs: { side: asMultimap(beside!) },
          }),
        ),
  },
  singleton: {
    reads: "any windows",
    suits: (_, side) => !side.merges && side.emitsOnce,
    make:
      () =>
      (at, [pairs, beside]) => {
        const total = beside!.apply(`${at}Values`, values()).apply(`${at}Total`, combineGlobally(sum(), { defaults: false }));
        return pairs!.apply(
          at,
          map(([key, n], { sideInputs: { side } }) => [key, mod(n + side)] as const, {
            sideInputs: { side: asSingleton(total, { default: 500 }) },
          }),
        );
      },
  },
  wait: {
    reads: "any windows",
    suits: (_, side) => !side.merges,
    make:
      () =>
      (at, [pairs, beside]) =>
        pairs!.apply(at, wait(beside!)),
  },
  flatten: { reads: "same windows", make: () => (at, inputs) => flatten(at, inputs) },
  join: {
    reads: "same windows",
    suits: (first, second) => first.emitsOnce && second.emitsOnce,
    make: (choices) => {
      const how = choices.pick([innerJoin, leftJoin, fullJoin] as const);
      return (at, [left, right]) =>
        left!.apply(`${at}Join`, (how as typeof fullJoin)(right!)).apply(
          at,
          map(
            ([key, [a, b]]: KV<string, readonly [number | undefined, number | undefined]>) =>
              [key, mod((a ?? 1_000) * 3 + (b ?? 2_000))] as const,
          ),
        );
    },
    after: grouped,
  },
  coGroup: {
    reads: "same windows",
    suits: (first, second) => first.emitsOnce && second.emitsOnce,
    make:
      () =>
      (at, [left, right]) =>
        coGroupByKey(`${at}Group`, { left: left!, right: right! }).apply(
          at,
          map(([key, sides]) => [key, mod(digest(sides.left) * 3 + digest(sides.right))] as const),
        ),
    after: grouped,
  },
};

// ---- windows

const anyWindowFn = (choices: Choices): { readonly windowFn: WindowFn<unknown, Window>; readonly merges: boolean } => {
  const size = choices.between(2, 20);
  switch (choices.pick(["fixed", "fixed", "sliding", "sessions"] as const)) {
    case "fixed":
      return { windowFn: fixedWindows(size, choices.below(size)) as unknown as WindowFn<unknown, Window>, merges: false };
    case "sliding":
      return {
        windowFn: slidingWindows(size, choices.between(Math.ceil(size / 3), size)) as unknown as WindowFn<unknown, Window>,
        merges: false,
      };
    case "sessions":
      return { windowFn: sessions(choices.between(1, 8)) as unknown as WindowFn<unknown, Window>, merges: true };
  }
};

/** Triggers that lose nothing. */
const anyEarly = (choices: Choices): Trigger =>
  choices.pick([
    () => repeatedly(afterCount(choices.between(1, 3))),
    () => repeatedly(afterProcessingTime(choices.pick([1, 10, 100]))),
    () => repeatedly(afterSynchronizedProcessingTime()),
    () => afterWatermark({ early: afterCount(choices.between(1, 3)), late: afterCount(1) }),
    () => afterWatermark({ early: afterProcessingTime(choices.pick([1, 10, 100])), late: afterCount(1) }),
  ])();

/** Windows with any settings. */
export function anyWindowing(choices: Choices, number: number): { readonly apply: Apply; readonly facts: Facts } {
  const { windowFn, merges } = anyWindowFn(choices);
  const emitsOnce = choices.chance(0.75);
  const allowedLateness = choices.pick([0, 0, 6]);
  const settings = {
    trigger: emitsOnce ? choices.pick([defaultTrigger(), afterWatermark()]) : anyEarly(choices),
    accumulation: choices.pick(["discarding", "accumulating"] as const),
    allowedLateness,
    timestampCombiner: choices.pick(["endOfWindow", "earliest", "latest"] as const),
    allowUnsafeTriggers: true,
  };
  return {
    apply: (at, [pairs]) => pairs!.apply(at, windowInto<KV<string, number>, Window>(windowFn, settings)),
    facts: { windows: number, merges, isSteady: true, emitsOnce, isLenient: allowedLateness > 0 },
  };
}

/** The same elements, up to so many ms later. */
const laterBy = (ms: number): PTransform<Pairs, Pairs> =>
  parDo({
    output: output<KV<string, number>>(),
    process: (pair: KV<string, number>, { timestamp, output: emit }) => emit(pair, { timestamp: timestamp + (pair[1] % ms) }),
  });

/** A tangle of some steps behind so many sources. */
export function anyTangle(choices: Choices, sources: number): Tangle {
  const facts: Facts[] = [];
  const steps: Step[] = [];
  let windowings = 0;
  const addWindows = (input: number, isSource: boolean): void => {
    const shared = isSource && input > 0 && choices.chance(0.6) ? steps[0] : undefined;
    const { apply, facts: own } =
      shared === undefined ? anyWindowing(choices, windowings++) : { apply: shared.apply, facts: facts[sources]! };
    const later = !isSource && choices.chance(0.3) ? choices.between(2, 5) : undefined;
    const withTimes: Apply = (at, inputs, trouble) =>
      apply(at, later === undefined ? inputs : [inputs[0]!.apply(`${at}Later`, laterBy(later))], trouble);
    steps.push({ inputs: [input], name: "Windows", apply: withTimes });
    facts.push({ ...own, isSteady: facts[input]!.isSteady });
  };
  for (let i = 0; i < sources; i++) facts.push({ windows: -1, merges: false, isSteady: true, emitsOnce: true, isLenient: false });
  for (let i = 0; i < sources; i++) addWindows(i, true);
  for (let left = choices.between(2, 7); left > 0; left--) {
    const usable = facts.flatMap(({ isSteady }, i) => (isSteady && i >= sources ? [i] : []));
    const first = choices.pick(usable);
    if (choices.chance(0.15)) {
      addWindows(first, false);
      continue;
    }
    const [name, kind] = choices.pick(Object.entries(kinds));
    const second = choices.pick(usable);
    const isSuited =
      (kind.reads !== "same windows" || facts[first]!.windows === facts[second]!.windows) &&
      kind.suits?.(facts[first]!, facts[second]!) !== false;
    if (!isSuited) continue;
    steps.push({ inputs: kind.reads === undefined ? [first] : [first, second], name, apply: kind.make(choices) });
    facts.push((kind.after ?? once)(facts[first]!));
  }
  return { steps, build };

  function build(given: readonly Pairs[], trouble: Trouble): ReturnType<Tangle["build"]> {
    const made = [...given];
    steps.forEach(({ inputs, name, apply }, i) => {
      made.push(
        apply(
          `${name}${i}`,
          inputs.map((input) => made[input]!),
          trouble,
        ),
      );
    });
    const read = new Set(steps.flatMap(({ inputs }) => inputs));
    return made.flatMap((pairs, i) => (read.has(i) ? [] : [{ pairs, isSteady: facts[i]!.isSteady }]));
  }
}
