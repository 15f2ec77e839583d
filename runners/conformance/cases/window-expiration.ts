import type { KV, PCollection, Pipeline, PTransform } from "../../../sdk/pipeline.ts";
import { kv } from "../../../sdk/pipeline.ts";
import { valueState } from "../../../sdk/state/specs.ts";
import { eventTimer } from "../../../sdk/timer.ts";
import type { Instant } from "../../../sdk/time.ts";
import { output, parDo } from "../../../sdk/transforms/par-do.ts";
import { windowInto } from "../../../sdk/transforms/window-into.ts";
import { fixedWindows } from "../../../sdk/windows/fixed.ts";
import { caseModule } from "../case-module.ts";
import { at, createAt, oneByOne, withTime, withWindow } from "./support.ts";

const greetings = [at(3, kv("hello", 7)), at(13, kv("hi", 35))];

/** A timer counts in the state; the expiry gives out what it finds, which has to be 1. */
const countedByTimer = (input: PTransform<Pipeline, PCollection<KV<string, number>>>) => (p: Pipeline) =>
  p.apply(input).pipe(
    windowInto(fixedWindows(10)),
    parDo({
      output: output<number>(),
      state: { count: valueState<number>() },
      timers: { timer: eventTimer() },
      process: (_, { timers }) => timers.timer.setRelative({ offset: 1 }),
      onTimer: { timer: ({ state: { count } }) => count.write((count.read() ?? 0) + 1) },
      onWindowExpiration({ state: { count }, output: emit }) {
        if (count.read() !== 1) throw new Error(`the count is ${count.read()} at the end`);
        emit(1);
      },
    }),
    withWindow(),
  );

const ones = [
  ["[0,10)", 1],
  ["[10,20)", 1],
];

/** The end of windows: section OWE of the catalogue. */
export const windowExpirationCases = caseModule(import.meta.url, {
  "OWE-01": {
    title: "state is there until its window expires",
    build: countedByTimer(createAt(greetings)),
    expected: ones,
  },
  "OWE-01/unbounded": {
    title: "state is there until its window expires in an unbounded input",
    build: countedByTimer(oneByOne(greetings)),
    expected: ones,
  },
  "OWE-03": {
    title: "the end of a window knows the key, the state and the time, and what it gives out has that time",
    build: (p) =>
      p.apply(createAt(greetings)).pipe(
        windowInto(fixedWindows(10)),
        parDo({
          output: output<readonly [key: string, sum: number, time: Instant]>(),
          state: { sum: valueState<number>() },
          process: ([, n], { state }) => state.sum.write((state.sum.read() ?? 0) + n),
          onWindowExpiration: ({ key, state, timestamp, output: emit }) => emit([key, state.sum.read()!, timestamp]),
        }),
        withTime(),
      ),
    expected: [
      [9, ["hello", 7, 9]],
      [19, ["hi", 35, 19]],
    ],
  },
  "OWE-05": {
    title: "the end of a window is told once to each key that had an element in it, with state or without",
    build: (p) =>
      p.apply(oneByOne([at(1, kv("a", 5)), at(2, kv("b", 0)), at(3, kv("c", 3)), at(4, kv("c", -1))])).pipe(
        windowInto(fixedWindows(10)),
        parDo({
          output: output<readonly [key: string, value: number | string, time: Instant]>(),
          state: { value: valueState<number>() },
          process([, n], { state: { value } }) {
            if (n > 0) value.write(n);
            if (n < 0) value.clear();
          },
          onWindowExpiration: ({ key, state, timestamp, output: emit }) => emit([key, state.value.read() ?? "nothing", timestamp]),
        }),
      ),
    expected: [
      ["a", 5, 9],
      ["b", "nothing", 9],
      ["c", "nothing", 9],
    ],
  },
});
