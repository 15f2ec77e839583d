import { sum } from "../../../sdk/combine/sum.ts";
import { kv, type KV, type PCollection, type PTransform } from "../../../sdk/pipeline.ts";
import { bagState, combiningState, valueState } from "../../../sdk/state/specs.ts";
import { testStream } from "../../../sdk/testing/test-stream.ts";
import { eventTimer } from "../../../sdk/timer.ts";
import { create } from "../../../sdk/transforms/create.ts";
import { output, parDo } from "../../../sdk/transforms/par-do.ts";
import { asList } from "../../../sdk/transforms/side-inputs.ts";
import { windowInto } from "../../../sdk/transforms/window-into.ts";
import { withKeys } from "../../../sdk/transforms/with-keys.ts";
import { fixedWindows } from "../../../sdk/windows/fixed.ts";
import { caseModule } from "../case-module.ts";
import { mustEqual, mustHold } from "../checks.ts";
import { at, createAt, manyKeys, oneByOne, sorted, timed, withWindow } from "./support.ts";

const greetings = (...numbers: readonly number[]) => create(numbers.map((n) => kv("hello", n)));

/** Gives out what a counter of the key holds, and counts on. */
const counting = ({ from = 0, by = 1 } = {}) =>
  parDo({
    output: output<number>(),
    state: { count: valueState<number>() },
    process(_: KV<string, unknown>, { state: { count }, output: emit }) {
      const counted = count.read() ?? from;
      emit(counted);
      count.write(counted + by);
    },
  });

/** Gives out each element with its place among those of its key. */
const numbered = <T>(): PTransform<PCollection<KV<string, T>>, PCollection<KV<T, number>>> =>
  parDo({
    output: output<KV<T, number>>(),
    state: { index: valueState<number>() },
    process([, element]: KV<string, T>, { state: { index }, output: emit }) {
      const place = index.read() ?? 0;
      emit([element, place]);
      index.write(place + 1);
    },
  });

const LETTERS = "abcdefgh";
const LARGEST_BATCH = 3;

/** What DoFns keep per key and window: section ST of the catalogue; what kinds of state there are is in `cells.ts`. */
export const stateCases = caseModule(import.meta.url, {
  "ST-01": {
    title: "what a call has written to a value, the next call for the key reads",
    build: (p) => p.apply(greetings(42, 97, 84)).apply(counting()),
    expected: [0, 1, 2],
  },
  "ST-02": {
    title: "a value tells what has come before, for each key",
    build: (p) =>
      p.apply(create(manyKeys)).apply(
        parDo({
          output: output<number>(),
          state: { isSeen: valueState<boolean>() },
          process([, value], { state: { isSeen }, output: emit }) {
            if (isSeen.read() === undefined) emit(value);
            isSeen.write(true);
          },
        }),
      ),
    expected: Array.from({ length: 50 }, (_, i) => i),
  },
  "ST-03": {
    title: "each window has its own",
    build: (p) => p.apply(createAt(timed(1, 2, 3, 11, 13))).pipe(windowInto(fixedWindows(10)), withKeys("hello"), counting(), withWindow()),
    expected: [
      ["[0,10)", 0],
      ["[0,10)", 1],
      ["[0,10)", 2],
      ["[10,20)", 0],
      ["[10,20)", 1],
    ],
  },
  "ST-04": {
    title: "states of one name in two steps have nothing to do with each other",
    build(p) {
      const first = p.apply(greetings(1, 2, 3)).pipe(counting(), withKeys("sizzle"));
      return { first, second: first.apply(counting({ from: 13, by: 13 })) };
    },
    expected: {
      first: [
        ["sizzle", 0],
        ["sizzle", 1],
        ["sizzle", 2],
      ],
      second: [13, 26, 39],
    },
  },
  "ST-05": {
    title: "a step with state has several outputs",
    build(p) {
      const words = ["hello", "goodbye", "hello", "hello", "goodbye", "hello"];
      const { even, odd } = p.apply(create(words.map((word) => kv(word, 1)))).apply(
        parDo({
          outputs: { even: output<number>(), odd: output<number>() },
          state: { count: valueState<number>() },
          process(_, { state: { count }, outputs }) {
            const counted = count.read() ?? 0;
            outputs[counted % 2 === 0 ? "even" : "odd"](counted);
            count.write(counted + 1);
          },
        }),
      );
      return { even, odd };
    },
    expected: { even: [0, 2, 0], odd: [1, 3, 1] },
  },
  "ST-18": {
    title: "a step with state reads side inputs",
    build(p) {
      const side = asList(p.apply("Side", create([2, 1, 0])));
      return p.apply(greetings(97, 42, 84, 12)).apply(
        parDo({
          output: output<readonly number[]>(),
          sideInputs: { side },
          state: { numbers: bagState<number>() },
          process([, n], { state: { numbers }, sideInputs, output: emit }) {
            numbers.add(n);
            const all = sorted(numbers.read());
            if (all.length < 4) return;
            emit(all);
            emit(sorted(sideInputs.side));
          },
        }),
      );
    },
    expected: [
      [12, 42, 84, 97],
      [0, 1, 2],
    ],
  },
  "ST-19": {
    title: "a value that is cleared is as if it had never been written",
    build: (p) =>
      p.apply(create(["apple", "pear", "peach", "apple", "pear", "apple", "pear", "apple"].map((fruit) => kv(fruit, 1)))).apply(
        parDo({
          output: output<readonly [fruit: string, old: number, wasSet: boolean]>(),
          state: { toggle: valueState<number>() },
          process([fruit], { state: { toggle }, output: emit }) {
            const old = toggle.read();
            emit([fruit, old ?? 0, old !== undefined]);
            if (old === undefined) toggle.write(1);
            else toggle.clear();
          },
        }),
      ),
    expected: [
      ["apple", 0, false],
      ["apple", 1, true],
      ["apple", 0, false],
      ["apple", 1, true],
      ["pear", 0, false],
      ["pear", 1, true],
      ["pear", 0, false],
      ["peach", 0, false],
    ],
  },
  "ST-23": {
    title: "a step has several states, each with its own for each window",
    build: (p) =>
      p.apply(createAt(Array.from({ length: 10 }, (_, i) => at(990 + 1_000 * i, i)))).pipe(
        windowInto(fixedWindows(3_000)),
        withKeys("k"),
        parDo({
          output: output<KV<number, string>>(),
          state: { count: valueState<number>(), text: valueState<string>() },
          process(_, { state: { count, text }, output: emit }) {
            count.write((count.read() ?? 0) + 1);
            text.write(`${text.read() ?? ""}I`);
            emit([count.read()!, text.read()!]);
          },
        }),
      ),
    expected: [
      ...[1, 2, 3].flatMap((): KV<number, string>[] => [
        [1, "I"],
        [2, "II"],
        [3, "III"],
      ]),
      [1, "I"],
    ],
  },
  "ST-24": {
    title: "a value that is cleared is read as nothing in the same call, and can be written again",
    build(p) {
      const { main, old } = p.apply(oneByOne([1, 3, 5].map((n) => at(0, kv("k", n))))).apply(
        parDo({
          output: output<string>(),
          outputs: { old: output<string>() },
          state: { text: valueState<string>() },
          process([, n], { state: { text }, output: emit, outputs }) {
            outputs.old(text.read() ?? "None");
            text.clear();
            text.write(`${text.read() ?? "None"}:${n}`);
            emit(text.read()!);
          },
        }),
      );
      return { main, old };
    },
    expected: { main: ["None:1", "None:3", "None:5"], old: ["None", "None:1", "None:3"] },
  },
  "ST-28": {
    title: "elements of a key are worked on in the order in which they come",
    build: (p) =>
      p
        .apply(testStream<string>().advanceWatermarkTo(10).addElements("A", "B").addElements("C").advanceWatermarkTo(25).addElements("D"))
        .pipe(withKeys("k"), numbered()),
    expected: [
      ["A", 0],
      ["B", 1],
      ["C", 2],
      ["D", 3],
    ],
  },
  "ST-29": {
    title: "elements are kept until there are enough of them, or it is time, each window by itself",
    build: (p) =>
      p.apply(createAt(Array.from(LETTERS, (letter, i) => at(i % 2, letter)))).pipe(
        windowInto(fixedWindows(1), { accumulation: "discarding", allowedLateness: 1 }),
        withKeys("k"),
        parDo({
          output: output<readonly string[]>(),
          state: { letters: bagState<string>(), count: combiningState(sum()) },
          timers: { flush: eventTimer() },
          process([, letter], { state: { letters, count }, timers, timestamp, output: emit }) {
            letters.add(letter);
            count.add(1);
            timers.flush.set(timestamp + 1);
            if (count.read() < LARGEST_BATCH) return;
            emit([...letters.read()]);
            letters.clear();
            count.clear();
          },
          onTimer: {
            flush({ state: { letters, count }, output: emit }) {
              if (!letters.isEmpty()) emit([...letters.read()]);
              letters.clear();
              count.clear();
            },
          },
        }),
        withWindow(),
      ),
    check({ main = [] }) {
      const batches = main as readonly KV<string, readonly string[]>[];
      mustHold(
        batches.flatMap(([window, letters]) => letters.map((letter) => kv(window, letter))),
        Array.from(LETTERS, (letter, i) => kv(`[${i % 2},${(i % 2) + 1})`, letter)),
      );
      mustEqual(Math.max(...batches.map(([, letters]) => letters.length)), LARGEST_BATCH, "the length of the largest batch");
    },
  },
});
