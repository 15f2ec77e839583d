import { sum } from "../../../sdk/combine/sum.ts";
import { kv, type KV, type PCollection, type PTransform } from "../../../sdk/pipeline.ts";
import type { BagCell, CombiningCell } from "../../../sdk/state/cells.ts";
import { bagState, combiningState, valueState } from "../../../sdk/state/specs.ts";
import { testStream } from "../../../sdk/testing/test-stream.ts";
import { hours, minutes, seconds, type Duration, type Instant } from "../../../sdk/time.ts";
import { eventTimer, processingTimer, type Timer, type TimerSpec } from "../../../sdk/timer.ts";
import { create } from "../../../sdk/transforms/create.ts";
import { flatMap } from "../../../sdk/transforms/flat-map.ts";
import { groupByKey } from "../../../sdk/transforms/group-by-key.ts";
import { impulse } from "../../../sdk/transforms/impulse.ts";
import { output, parDo } from "../../../sdk/transforms/par-do.ts";
import { windowInto } from "../../../sdk/transforms/window-into.ts";
import { withKeys } from "../../../sdk/transforms/with-keys.ts";
import type { Window } from "../../../sdk/windowing.ts";
import { fixedWindows } from "../../../sdk/windows/fixed.ts";
import { slidingWindows } from "../../../sdk/windows/sliding.ts";
import { caseModule, type ConformanceCase } from "../case-module.ts";
import { at, createAt, manyKeys, windowText, withTime, withWindow } from "./support.ts";

/** What a step knows when an element comes, and its timer. */
interface Setting {
  readonly timer: Timer;
  readonly window: Window;
  readonly timestamp: Instant;
  readonly processingTime: Instant;
}

/** Gives out 3 for each element, and 42 when its timer is due. */
const timing = (
  spec: TimerSpec<Timer>,
  set: (setting: Setting) => void,
): PTransform<PCollection<KV<unknown, unknown>>, PCollection<number>> =>
  parDo({
    output: output<number>(),
    timers: { timer: spec },
    process(_: KV<unknown, unknown>, { timers: { timer }, window, timestamp, processingTime, output: emit }) {
      set({ timer, window, timestamp, processingTime });
      emit(3);
    },
    onTimer: { timer: (ctx) => ctx.output(42) },
  });

const afterASecond = ({ timer }: Pick<Setting, "timer">): void => timer.setRelative({ offset: seconds(1) });

const hello = create([kv("hello", 37)]);

/** Elements of one key, each an event of its own, and then the clock goes on for long enough. */
const helloAndThen = (...numbers: readonly number[]) =>
  numbers
    .reduce((stream, n) => stream.addElements(kv("hello", n)), testStream<KV<string, number>>().advanceWatermarkTo(0))
    .advanceProcessingTime(minutes(2));

/** A case for event time, and the same for processing time. */
const inBothTimes = (
  id: string,
  make: (spec: TimerSpec<Timer>) => Omit<ConformanceCase, "title">,
  title: (what: string) => string,
): Readonly<Record<string, ConformanceCase>> => ({
  [id]: { ...make(eventTimer()), title: title("in event time") },
  [`${id}/processing`]: { ...make(processingTimer()), title: title("in processing time") },
});

/** Each value moved by 5000, and 4093 at the end of the window, behind their key. */
const movedAndEnded = () =>
  parDo({
    output: output<KV<string, number>>(),
    state: { key: valueState<string>() },
    timers: { end: eventTimer() },
    process([key, value]: KV<string, number>, { state, timers, window, output: emit }) {
      state.key.write(key);
      timers.end.set(window.maxTimestamp);
      emit([key, value + 5_000]);
    },
    onTimer: { end: ({ state, output: emit }) => emit([state.key.read()!, 4_093]) },
  });

const afterMovedAndEnded = [
  ...manyKeys.map(([key, value]) => [key, value + 5_000]),
  ...Array.from(new Set(manyKeys.map(([key]) => key)), (key) => [key, 4_093]),
];

/** A step's calls for a key, counted. */
const calls = combiningState(sum());

/** Gives out what happened, and how many calls for the key there were before. */
function note(
  what: string | number,
  ctx: { readonly state: { readonly calls: CombiningCell<number, number> }; readonly output: (line: string) => undefined },
): void {
  ctx.output(`${ctx.state.calls.read()}: ${what}`);
  ctx.state.calls.add(1);
}

/** Sets a timer for a value that is a time, or says which marker came; and says when the timer was due. */
const marking = (spec: TimerSpec<Timer>) =>
  parDo({
    output: output<string>(),
    state: { calls },
    timers: { alarm: spec },
    process([, element]: KV<string, Duration | string>, ctx) {
      if (typeof element === "number") ctx.timers.alarm.set(element);
      note(typeof element === "number" ? "set" : element, ctx);
    },
    onTimer: { alarm: (ctx) => note("due", ctx) },
  });

/** Where an event-time timer is due that is set for long after its window. */
const pastExpiry = (allowedLateness: Duration, due: Instant): ConformanceCase => ({
  title: `a timer for a time that is too far off is due when its window expires, ${allowedLateness} ms after its end`,
  build: (p) =>
    p.apply(createAt([at(5, kv("k", "el"))])).pipe(
      windowInto(fixedWindows(10), { accumulation: "discarding", allowedLateness }),
      parDo({
        output: output<Instant>(),
        timers: { timer: eventTimer() },
        process: (_, { timers }) => timers.timer.setRelative({ offset: hours(1) }),
        onTimer: { timer: (ctx) => ctx.output(ctx.timestamp) },
      }),
      withTime(),
    ),
  expected: [[due, due]],
});

/** Timers: section TM of the catalogue; families of them are in `timer-families.ts`. */
export const timerCases = caseModule(import.meta.url, {
  "TM-01": {
    title: "a timer in event time is due before a bounded input has ended",
    build: (p) => p.apply(hello).apply(timing(eventTimer(), afterASecond)),
    expected: [3, 42],
  },
  "TM-01/grouped": {
    title: "a step right after a grouping has timers",
    build: (p) => p.apply(hello).pipe(groupByKey(), timing(eventTimer(), afterASecond)),
    expected: [3, 42],
  },
  "TM-01/stream": {
    title: "a timer in event time is due in an unbounded input",
    build: (p) =>
      p
        .apply(testStream<KV<string, number>>().advanceWatermarkTo(0).addElements(kv("hello", 37)).advanceWatermarkTo(1_000))
        .apply(timing(eventTimer(), afterASecond)),
    expected: [3, 42],
  },
  "TM-04": {
    title: "a timer belongs to the window of the call that has set it",
    build: (p) =>
      p.apply(createAt([at(0, kv("hello", 24))])).pipe(
        windowInto(slidingWindows(minutes(3), minutes(1))),
        parDo({
          output: output<string>(),
          timers: { timer: eventTimer() },
          process: (_, { timers }) => afterASecond(timers),
          onTimer: { timer: (ctx) => ctx.output(windowText(ctx.window)) },
        }),
        withWindow(),
      ),
    expected: ["[0,180000)", "[-60000,120000)", "[-120000,60000)"].map((window) => [window, window]),
  },
  "TM-05": {
    title: "a timer may be set for the end of its window",
    build: (p) => p.apply(hello).apply(timing(eventTimer(), ({ timer, window }) => timer.set(window.maxTimestamp))),
    expected: [3, 42],
  },
  "TM-06": {
    title: "a timer sets itself again",
    build: (p) =>
      p.apply(create(["h1", "h2", "h3"].map((key) => kv(key, 1)))).apply(
        parDo({
          output: output<KV<string, number>>(),
          state: { loops: valueState<number>() },
          timers: { loop: eventTimer() },
          process: (_, { timers }) => timers.loop.setRelative({ offset: 1 }),
          onTimer: {
            loop({ key, state: { loops }, timers, output: emit }) {
              const done = loops.read() ?? 0;
              emit([key, done]);
              loops.write(done + 1);
              if (done + 1 < 5) timers.loop.setRelative({ offset: 1 });
            },
          },
        }),
      ),
    expected: ["h1", "h2", "h3"].flatMap((key) => [0, 1, 2, 3, 4].map((n) => [key, n])),
  },
  "TM-07": {
    title: "a timer that many elements set is due once for each key",
    build: (p) => p.apply(create(manyKeys)).apply(movedAndEnded()),
    expected: afterMovedAndEnded,
  },
  "TM-08": {
    title: "a timer in processing time is set for a time",
    build: (p) =>
      p.apply(testStream<KV<string, number>>().addElements(kv("k", 0)).advanceProcessingTime(20)).apply(
        parDo({
          output: output<Instant>(),
          timers: { alarm: processingTimer() },
          process: (_, { timers, processingTime }) => timers.alarm.set(processingTime + 10),
          onTimer: { alarm: (ctx) => ctx.output(ctx.processingTime) },
        }),
      ),
    expected: [20],
  },
  "TM-08/exact": {
    title: "a timer in processing time is due when the clock has reached its time",
    build: (p) =>
      p
        .apply(
          testStream<Duration | string>()
            .addElements(10)
            .advanceProcessingTime(9)
            .addElements("nine")
            .advanceProcessingTime(1)
            .addElements("ten")
            .advanceProcessingTime(10),
        )
        .pipe(withKeys("k"), marking(processingTimer())),
    expected: ["0: set", "1: nine", "2: due", "3: ten"],
  },
  "TM-09": {
    title: "a timer in event time cannot be set for a time at which its window has expired",
    build: (p) =>
      p.apply(createAt([at(0, kv("hello", 37))])).pipe(
        windowInto(fixedWindows(10)),
        timing(eventTimer(), ({ timer, window }) => timer.set(window.maxTimestamp + 1)),
      ),
    fails: /timer.*expiration/,
  },
  "TM-09/last": {
    title: "a timer in event time may be set for the last instant of its window",
    build: (p) =>
      p.apply(createAt([at(0, kv("hello", 37))])).pipe(
        windowInto(fixedWindows(10)),
        timing(eventTimer(), ({ timer, window }) => timer.set(window.maxTimestamp)),
        withTime(),
      ),
    expected: [
      [0, 3],
      [9, 42],
    ],
  },
  ...inBothTimes(
    "TM-10",
    (spec) => ({
      build: (p) =>
        p.apply(createAt([at(0, kv("hello", 37))])).pipe(
          windowInto(fixedWindows(10)),
          timing(spec, ({ timer, window }) => timer.set(5, { outputTimestamp: window.maxTimestamp + 1 })),
        ),
      fails: /timer.*output timestamp/,
    }),
    (what) => `a timer ${what} gives nothing out at a time beyond its window`,
  ),
  "TM-12": {
    title: "a timer in processing time is due when the clock goes on",
    build: (p) =>
      p
        .apply(testStream<KV<string, number>>().addElements(kv("hello", 37)).advanceProcessingTime(seconds(60)))
        .apply(timing(processingTimer(), afterASecond)),
    expected: [3, 42],
  },
  ...inBothTimes(
    "TM-13",
    (spec) => ({
      build: (p) =>
        p.apply(helloAndThen(1, 2)).apply(
          parDo({
            output: output<string>(),
            timers: { timer: spec },
            process([, n], { timers, output: emit }) {
              afterASecond(timers);
              emit(`input${n}`);
            },
            onTimer: { timer: (ctx) => ctx.output("timer_output") },
          }),
        ),
      expected: ["input1", "input2", "timer_output"],
    }),
    (what) => `a timer ${what} that is set again is due once`,
  ),
  "TM-14": {
    title: "what a timer is set for last in a call counts",
    build: (p) =>
      p.apply(createAt([at(0, kv("hello", 37))])).pipe(
        timing(eventTimer(), ({ timer }) => {
          timer.setRelative({ offset: minutes(10) });
          timer.setRelative({ offset: minutes(30) });
        }),
        withTime(),
      ),
    expected: [
      [0, 3],
      [minutes(30), 42],
    ],
  },
  "TM-18": {
    title: "a timer in processing time holds the watermark at its output timestamp",
    build: (p) =>
      p
        .apply(
          testStream<KV<string, number>>()
            .advanceProcessingTime(seconds(1))
            .addElements(kv("key", 1))
            .advanceProcessingTime(seconds(9))
            .advanceWatermarkTo(seconds(11))
            .addElements(kv("key", 2))
            .advanceProcessingTime(seconds(100)),
        )
        .pipe(
          parDo({
            output: output<KV<string, number>>(),
            timers: { holder: processingTimer() },
            process(element, { timers, timestamp, output: emit }) {
              timers.holder.setRelative({ offset: seconds(10), outputTimestamp: timestamp + seconds(5) });
              emit(element);
            },
            onTimer: { holder() {} },
          }),
          parDo({
            output: output<string>(),
            state: { calls },
            timers: { alarm: eventTimer() },
            process([, n], ctx) {
              ctx.timers.alarm.set(seconds(8));
              note(`element ${n}`, ctx);
            },
            onTimer: { alarm: (ctx) => note(100, ctx) },
          }),
        ),
    expected: ["0: element 1", "1: element 2", "2: 100"],
  },
  "TM-19": {
    title: "a timer gives out what was kept, each element at its own time",
    build: (p) =>
      p.apply(testStream<string>().addElements(at(1, "foo"), at(3, "bar"))).pipe(
        withKeys("k"),
        parDo({
          output: output<KV<string, Instant>>(),
          state: { kept: bagState<KV<string, Instant>>() },
          timers: { release: eventTimer() },
          process([, name], { state: { kept }, timers, timestamp }) {
            if (kept.isEmpty()) timers.release.setRelative({ offset: 1, outputTimestamp: timestamp });
            kept.add([name, timestamp]);
          },
          onTimer: {
            release({ state: { kept }, timers, timestamp: now, output: emit }) {
              const all = [...kept.read()];
              kept.clear();
              for (const [name, timestamp] of all.filter((each) => each[1] <= now)) emit([name, now], { timestamp });
              const left = all.filter((each) => each[1] > now);
              for (const each of left) kept.add(each);
              if (left.length === 0) return;
              timers.release.setRelative({ offset: 1, outputTimestamp: Math.min(...left.map(([, timestamp]) => timestamp)) });
            },
          },
        }),
        withTime(),
      ),
    expected: [
      [1, ["foo", 2]],
      [3, ["bar", 3]],
    ],
  },
  ...inBothTimes(
    "TM-20",
    (spec) => ({
      build: (p) =>
        p.apply(helloAndThen(1)).apply(
          timing(spec, ({ timer }) => {
            afterASecond({ timer });
            timer.clear();
          }),
        ),
      expected: [3],
    }),
    (what) => `a timer ${what} that is set and cleared is never due`,
  ),
  ...inBothTimes(
    "TM-21",
    (spec) => ({
      build: (p) => p.apply(helloAndThen(1)).apply(timing(spec, ({ timer }) => timer.clear())),
      expected: [3],
    }),
    (what) => `a timer ${what} that was not set may be cleared`,
  ),
  "TM-23": {
    title: "a timer that is cleared may be set again",
    build: (p) =>
      p.apply(create([kv("hello", 1), kv("hello", 2)])).apply(
        timing(eventTimer(), ({ timer }) => {
          timer.clear();
          afterASecond({ timer });
        }),
      ),
    expected: [3, 3, 42],
  },
  "TM-24": {
    title: "a timer knows its key",
    build: (p) =>
      p.apply(create([kv("1", 1), kv("2", 2)])).apply(
        parDo({
          output: output<number>(),
          timers: { timer: eventTimer() },
          process: (_, { timers }) => timers.timer.set(1),
          onTimer: { timer: (ctx) => ctx.output(Number(ctx.key)) },
        }),
      ),
    expected: [1, 2],
  },
  "TM-24/composite": {
    title: "keys that are built alike have one timer",
    build: (p) =>
      p.apply(create([1, 2].map((n) => kv(["1", "1"], n)))).apply(
        parDo({
          output: output<number>(),
          timers: { timer: eventTimer() },
          process: (_, { timers }) => timers.timer.set(1),
          onTimer: { timer: (ctx) => ctx.output(Number(ctx.key[1])) },
        }),
      ),
    expected: [1],
  },
  "TM-34": {
    title: "one callback serves two timers",
    build(p) {
      const emitAll = (ctx: {
        readonly state: { readonly values: BagCell<string> };
        readonly output: (value: string) => undefined;
      }): void => {
        for (const value of ctx.state.values.read()) ctx.output(value);
      };
      return p.apply(testStream<string>().advanceWatermarkTo(0).addElements("value")).pipe(
        withKeys("k"),
        parDo({
          output: output<string>(),
          state: { values: bagState<string>() },
          timers: { first: eventTimer(), second: eventTimer() },
          process([, value], { state, timers }) {
            state.values.add(value);
            timers.first.set(100);
            timers.second.set(1_000);
          },
          onTimer: { first: emitAll, second: emitAll },
        }),
      );
    },
    expected: ["value", "value"],
  },
  "TM-36": {
    title: "a timer knows its key, its time and its window, and what it gives out has them",
    build: (p) =>
      p.apply(testStream<string>().addElements(at(10, "el")).advanceWatermarkTo(10)).pipe(
        withKeys("mykey"),
        windowInto(fixedWindows(5)),
        parDo({
          output: output<readonly [string, Instant, string]>(),
          timers: { timer1: eventTimer() },
          process: (_, { timers }) => timers.timer1.set(10),
          onTimer: { timer1: ({ key, timestamp, window, output: emit }) => emit([`timer1-${key}`, timestamp, windowText(window)]) },
        }),
        withTime(),
        withWindow(),
      ),
    expected: [["[10,15)", [10, ["timer1-mykey", 10, "[10,15)"]]]],
  },
  "TM-37": {
    title: "a timer in processing time sets itself again, and is set anew by elements",
    build: (p) =>
      p.apply([0, 1, 2, 3].reduce((stream, n) => stream.addElements(n).advanceProcessingTime(2), testStream<number>())).pipe(
        withKeys("k"),
        parDo({
          output: output<string>(),
          state: { calls, values: combiningState(sum()) },
          timers: { loop: processingTimer() },
          process([, n], ctx) {
            ctx.timers.loop.setRelative({ offset: 1 });
            note(n, ctx);
          },
          onTimer: {
            loop(ctx) {
              if (ctx.state.values.read() < 3) {
                note("value", ctx);
                ctx.state.values.add(1);
              }
              ctx.timers.loop.setRelative({ offset: 5 });
            },
          },
        }),
      ),
    expected: ["0: 0", "1: value", "2: 1", "3: value", "4: 2", "5: value", "6: 3"],
  },
  "TM-42": {
    title: "the end of a bounded input makes all timers in event time due",
    build: (p) =>
      p.apply(impulse()).pipe(
        flatMap(() => manyKeys),
        movedAndEnded(),
      ),
    expected: afterMovedAndEnded,
  },
  "TM-44": {
    title: "a timer in event time is due when the watermark is past its time",
    build: (p) =>
      p
        .apply(
          testStream<Duration | string>()
            .addElements(at(0, 10))
            .advanceWatermarkTo(9)
            .addElements("nine")
            .advanceWatermarkTo(10)
            .addElements("ten")
            .advanceWatermarkTo(11)
            .addElements("eleven"),
        )
        .pipe(withKeys("k"), marking(eventTimer())),
    expected: ["0: set", "1: nine", "2: ten", "3: due", "4: eleven"],
  },
  "TM-45": {
    title: "a timer at the end of a window sets itself again for then, and the window expires after it",
    build: (p) =>
      p.apply(createAt([at(1, kv("k", "el"))])).pipe(
        windowInto(fixedWindows(10)),
        parDo({
          output: output<string>(),
          state: { value: valueState<number>() },
          timers: { end: eventTimer() },
          process(_, { state, timers }) {
            state.value.write(1);
            timers.end.set(9);
          },
          onTimer: {
            end({ state: { value }, timers, output: emit }) {
              const v = value.read()!;
              emit(`timer ${v}`);
              value.write(v + 1);
              if (v < 3) timers.end.set(9);
            },
          },
          onWindowExpiration: ({ state, output: emit }) => emit(`expiry ${state.value.read()}`),
        }),
      ),
    expected: ["timer 1", "timer 2", "timer 3", "expiry 4"],
  },
  "TM-46": pastExpiry(0, 9),
  "TM-46/lateness": pastExpiry(5, 14),
});
