import type { CombineFn } from "../../../sdk/combine/combine-fn.ts";
import { mean } from "../../../sdk/combine/mean.ts";
import { sum } from "../../../sdk/combine/sum.ts";
import { numberCoder } from "../../../sdk/coders/number.ts";
import { kv, ptransform, type KV, type PCollection, type Pipeline, type PTransform } from "../../../sdk/pipeline.ts";
import {
  bagState,
  combiningState,
  mapState,
  multimapState,
  orderedListState,
  setState,
  valueState,
  type StateSpec,
} from "../../../sdk/state/specs.ts";
import type { CombiningCell, MultimapCell } from "../../../sdk/state/cells.ts";
import { testStream } from "../../../sdk/testing/test-stream.ts";
import { eventTimer } from "../../../sdk/timer.ts";
import { create } from "../../../sdk/transforms/create.ts";
import { output, parDo } from "../../../sdk/transforms/par-do.ts";
import { withKeys } from "../../../sdk/transforms/with-keys.ts";
import { caseModule } from "../case-module.ts";
import { at, oneByOne, sorted } from "./support.ts";

const hello = <T>(...values: readonly T[]): PTransform<Pipeline, PCollection<KV<string, T>>> =>
  create(values.map((value) => kv("hello", value)));

/** Letters with numbers, of which the fourth call for the key finds all. */
const fourEntries = hello(kv("a", 97), kv("b", 42), kv("b", 42), kv("c", 12));

const entriesOf = (cell: MultimapCell<string, number>): readonly KV<string, number>[] =>
  [...cell.entries()].flatMap(([key, values]) => [...values].map((value) => kv(key, value)));

const keysOf = <K>(entries: Iterable<KV<K, unknown>>): readonly K[] => sorted([...entries].map(([key]) => key));

/** Fills a multimap and empties it; what was taken from it before shows what there is. */
const emptied = (empty: (cell: MultimapCell<string, number>, note: (what: string) => void) => void) =>
  parDo({
    output: output<string>(),
    state: { numbers: multimapState<string, number>() },
    process(_: KV<string, unknown>, { state: { numbers }, output: emit }) {
      const [entries, ofA] = [numbers.entries(), numbers.get("a")];
      const note = (what: string): undefined =>
        emit(`${what}: ${numbers.isEmpty() ? "empty" : "not empty"}, keys ${keysOf(entries).join("")}, a ${[...ofA].join(" ")}`);
      for (const [letter, n] of [kv("a", 97), kv("a", 98), kv("b", 33)]) numbers.add(letter, n);
      const snapshot = entriesOf(numbers);
      note("filled");
      empty(numbers, note);
      emit(`before: ${snapshot.map((entry) => entry.join("")).join(" ")}`);
    },
  });

/** Adds numbers up in a cell; gives out what is there as often as it is near enough to what is looked for. */
const reaching = (total: StateSpec<CombiningCell<number, number>>, wanted: number) =>
  parDo({
    output: output<string>(),
    state: { total },
    process([key, n]: KV<string, number>, { state, output: emit }) {
      state.total.add(n);
      if (Math.abs(state.total.read() - wanted) < 1e-4) emit(key);
    },
  });

const codedSum: CombineFn<number, number, number> = { ...sum(), accumulatorCoder: numberCoder };

/** The keys of a cell of names, after each of three calls: one that adds, one that replaces, one that clears. */
const nameSteps = <C>(
  spec: StateSpec<C>,
  of: (cell: C) => {
    readonly add: (name: string) => void;
    readonly remove: (name: string) => void;
    readonly names: () => Iterable<string>;
  },
) =>
  ptransform("NameSteps", (words: PCollection<KV<string, unknown>>) =>
    words.apply(
      parDo({
        output: output<KV<number, readonly string[]>>(),
        state: { names: spec, calls: valueState<number>() },
        process([word]: KV<string, unknown>, { state, output: emit }) {
          const call = (state.calls.read() ?? 0) + 1;
          state.calls.write(call);
          const { add, remove, names } = of(state.names);
          if (call === 1) add(word);
          else if (call === 2) {
            remove(word);
            for (const n of [1, 2, 3]) add(`${word}${n}`);
          } else (state.names as { readonly clear: () => void }).clear();
          emit([call, sorted(names())]);
        },
      }),
    ),
  );

const threeTimes = (...words: readonly string[]) => create([1, 2, 3].flatMap((n) => words.map((word) => kv(word, n))));

const afterNameSteps = ["apple", "pear"].flatMap((word) => [
  [1, [word]],
  [2, [1, 2, 3].map((n) => `${word}${n}`)],
  [3, []],
]);

/** One element, the watermark at 100 and the end. */
const untilHundred = testStream<string>().advanceWatermarkTo(0).addElements("value").advanceWatermarkTo(100).advanceWatermarkToInfinity();

/** The kinds of state there are: the other rows of section ST of the catalogue. */
export const cellCases = caseModule(import.meta.url, {
  "ST-07": {
    title: "what was read of a set does not change with it",
    build(p) {
      const { main, sizes } = p.apply(hello(97, 42, 42, 12)).apply(
        parDo({
          output: output<number>(),
          outputs: { sizes: output<KV<number, number>>() },
          state: { numbers: setState<number>(), calls: combiningState(sum()) },
          process([, n], { state: { numbers, calls }, output: emit, outputs }) {
            numbers.add(n);
            calls.add(1);
            if (calls.read() < 4) return;
            const snapshot = numbers.read();
            numbers.add(-1);
            outputs.sizes([[...snapshot].length, [...numbers.read()].length]);
            for (const number of snapshot) emit(number);
          },
        }),
      );
      return { main, sizes };
    },
    expected: { main: [12, 42, 97], sizes: [[3, 4]] },
  },
  "ST-08": {
    title: "the entries of a map are those that are there when they are gone through",
    build(p) {
      const { main, sizes } = p.apply(fourEntries).apply(
        parDo({
          output: output<KV<string, number>>(),
          outputs: { sizes: output<readonly number[]>() },
          state: { numbers: mapState<string, number>(), calls: combiningState(sum()) },
          process([, [letter, n]], { state: { numbers, calls }, output: emit, outputs }) {
            const entries = numbers.entries();
            numbers.set(letter, n);
            calls.add(1);
            if (calls.read() < 4) return;
            const snapshot = [...entries];
            numbers.set("bad", -1);
            outputs.sizes([snapshot.length, [...entries].length, [...numbers.entries()].length]);
            for (const entry of snapshot) emit(entry);
          },
        }),
      );
      return { main, sizes };
    },
    expected: {
      main: [
        ["a", 97],
        ["b", 42],
        ["c", 12],
      ],
      sizes: [[3, 4, 4]],
    },
  },
  "ST-09": {
    title: "a multimap keeps equal values, and shows what is there when it is gone through",
    build: (p) =>
      p.apply(hello(kv("a", 97), kv("a", 97), kv("a", 98), kv("b", 33))).apply(
        parDo({
          output: output<object>(),
          state: { numbers: multimapState<string, number>(), calls: combiningState(sum()) },
          process([, [letter, n]], { state: { numbers, calls }, output: emit }) {
            const ofA = numbers.get("a");
            numbers.add(letter, n);
            calls.add(1);
            if (calls.read() < 4) return;
            const snapshot = entriesOf(numbers);
            numbers.add("a", 2);
            emit({ snapshot: snapshot.length, ofA: sorted(ofA), keys: keysOf(numbers.entries()) });
          },
        }),
      ),
    expected: [{ snapshot: 4, ofA: [2, 97, 97, 98], keys: ["a", "b"] }],
  },
  "ST-11": {
    title: "a multimap of which all keys were deleted is empty",
    build: (p) =>
      p.apply(hello(1)).apply(
        emptied((cell, note) => {
          cell.delete("a");
          note("without a");
          cell.delete("b");
          note("without b");
        }),
      ),
    expected: [
      "filled: not empty, keys ab, a 97 98",
      "without a: not empty, keys b, a ",
      "without b: empty, keys , a ",
      "before: a97 a98 b33",
    ],
  },
  "ST-11/clear": {
    title: "a multimap that was cleared is empty",
    build: (p) =>
      p.apply(hello(1)).apply(
        emptied((cell, note) => {
          cell.clear();
          note("cleared");
        }),
      ),
    expected: ["filled: not empty, keys ab, a 97 98", "cleared: empty, keys , a ", "before: a97 a98 b33"],
  },
  "ST-13": {
    title: "an ordered list is in the order of time",
    build: (p) =>
      p.apply(hello(kv("a", 97), kv("b", 42), kv("b", 52), kv("c", 12))).apply(
        parDo({
          output: output<readonly string[]>(),
          state: { letters: orderedListState<string>() },
          process: ([, [letter, timestamp]], { state }) => state.letters.add(letter, timestamp),
          onWindowExpiration({ state, output: emit }) {
            emit([...state.letters.read()].map(({ value, timestamp }) => `${value}@${timestamp}`));
          },
        }),
      ),
    expected: [["c@12", "b@42", "b@52", "a@97"]],
  },
  "ST-16": {
    title: "a combiner makes of all values what is read",
    build: (p) => p.apply(hello(0.3, 0.6, 0.6)).apply(reaching(combiningState(mean()), 0.5)),
    expected: ["hello"],
  },
  "ST-16/sum": {
    title: "a combiner's values may be less than nothing",
    build: (p) => p.apply(hello(4, 7, -3)).apply(reaching(combiningState(sum()), 8)),
    expected: ["hello"],
  },
  "ST-16/coder": {
    title: "a combiner's accumulator may have a coder",
    build: (p) => p.apply(hello(4, 7, -3)).apply(reaching(combiningState(codedSum), 8)),
    expected: ["hello"],
  },
  "ST-17": {
    title: "what is added to a set is in it, though nobody asks whether it was there",
    build: (p) =>
      p.apply(testStream<number>().addElements(1, 2).addElements(2, 3)).pipe(
        withKeys("k"),
        parDo({
          output: output<readonly number[]>(),
          state: { numbers: setState<number>(), calls: combiningState(sum()) },
          process([, n], { state: { numbers, calls }, output: emit }) {
            numbers.add(n);
            calls.add(1);
            if (calls.read() === 4) emit(sorted(numbers.read()));
          },
        }),
      ),
    expected: [[1, 2, 3]],
  },
  "ST-20": {
    title: "a bag that was cleared begins anew",
    build: (p) =>
      p.apply(create(Array.from({ length: 6 }, (_, i) => [kv("apple", i), kv("pear", i)]).flat())).apply(
        parDo({
          output: output<KV<string, number>>(),
          state: { ones: bagState<number>() },
          process([fruit], { state: { ones }, output: emit }) {
            const total = [...ones.read()].reduce((a, b) => a + b, 0);
            emit([fruit, total]);
            ones.add(1);
            if (total === 3) ones.clear();
          },
        }),
      ),
    expected: ["apple", "pear"].flatMap((fruit) => [0, 1, 2, 3, 0, 1].map((total) => [fruit, total])),
  },
  "ST-21": {
    title: "a map lets go of keys, and of all of them",
    build: (p) =>
      p.apply(threeTimes("apple", "pear")).apply(
        nameSteps(mapState<string, number>(), (cell) => ({
          add: (name) => cell.set(name, 1),
          remove: (name) => cell.delete(name),
          names: () => [...cell.entries()].map(([name]) => name),
        })),
      ),
    expected: afterNameSteps,
  },
  "ST-21/set": {
    title: "a set lets go of values, and of all of them",
    build: (p) =>
      p.apply(threeTimes("apple", "pear")).apply(
        nameSteps(setState<string>(), (cell) => ({
          add: (name) => cell.add(name),
          remove: (name) => cell.delete(name),
          names: () => cell.read(),
        })),
      ),
    expected: afterNameSteps,
  },
  "ST-22": {
    title: "a call reads in a map what it has written",
    build: (p) =>
      p.apply(threeTimes("apple", "pear")).apply(
        parDo({
          output: output<object>(),
          state: { counts: mapState<string, number>() },
          process([word], { state: { counts }, output: emit }) {
            const count = (counts.get(word) ?? 0) + 1;
            counts.set(word, count);
            counts.set(`${word}${count}`, count);
            const [first, second] = [counts.get(word), counts.get(word)];
            emit({ first, second, keys: keysOf(counts.entries()) });
          },
        }),
      ),
    expected: ["apple", "pear"].flatMap((word) =>
      [1, 2, 3].map((count) => ({
        first: count,
        second: count,
        keys: [word, ...Array.from({ length: count }, (_, i) => `${word}${i + 1}`)],
      })),
    ),
  },
  "ST-25": {
    title: "a timer clears a bag",
    build: (p) =>
      p.apply(untilHundred).pipe(
        withKeys("k"),
        parDo({
          output: output<string>(),
          state: { values: bagState<string>() },
          timers: { clear: eventTimer(), emit: eventTimer() },
          process([, value], { state, timers }) {
            state.values.add(value);
            timers.clear.set(100);
            timers.emit.set(1_000);
          },
          onTimer: {
            clear: ({ state }) => state.values.clear(),
            emit(ctx) {
              for (const value of ctx.state.values.read()) ctx.output(value);
              ctx.output("extra");
            },
          },
        }),
      ),
    expected: ["extra"],
  },
  "ST-25/set": {
    title: "a timer clears a set and adds to it",
    build: (p) =>
      p.apply(untilHundred).pipe(
        withKeys("k"),
        parDo({
          output: output<string>(),
          state: { values: setState<string>() },
          timers: { clear: eventTimer(), emit: eventTimer() },
          process([, value], { state, timers }) {
            state.values.add(value);
            timers.clear.set(100);
            timers.emit.set(1_000);
          },
          onTimer: {
            clear({ state: { values } }) {
              values.clear();
              values.add("different-value");
            },
            emit(ctx) {
              for (const value of ctx.state.values.read()) ctx.output(value);
            },
          },
        }),
      ),
    expected: ["different-value"],
  },
  "ST-27": {
    title: "a set of a key grows, and has each value once",
    build: (p) =>
      p.apply(oneByOne([1, 2, 3, 4, 3].map((n) => at(0, kv("k", n))))).apply(
        parDo({
          output: output<number>(),
          state: { numbers: setState<number>() },
          process([, n], { state: { numbers }, output: emit }) {
            numbers.add(n);
            emit([...numbers.read()].reduce((a, b) => a + b, 0));
          },
        }),
      ),
    expected: [1, 3, 6, 10, 10],
  },
});
