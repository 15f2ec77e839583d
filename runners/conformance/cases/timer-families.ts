import { sum } from "../../../sdk/combine/sum.ts";
import { kv, type KV } from "../../../sdk/pipeline.ts";
import { combiningState } from "../../../sdk/state/specs.ts";
import { testStream } from "../../../sdk/testing/test-stream.ts";
import { seconds, type Instant } from "../../../sdk/time.ts";
import { eventTimer, eventTimerFamily, processingTimerFamily, type TimerFamily } from "../../../sdk/timer.ts";
import { create } from "../../../sdk/transforms/create.ts";
import { output, parDo } from "../../../sdk/transforms/par-do.ts";
import { withKeys } from "../../../sdk/transforms/with-keys.ts";
import { caseModule } from "../case-module.ts";
import { at, oneByOne } from "./support.ts";

/** Sets and clears timers of a family as elements say; gives out the name and the time of each that is due. */
const alarms = (act: (what: string, alarm: TimerFamily) => void) =>
  parDo({
    output: output<KV<string, Instant>>(),
    timers: { alarm: eventTimerFamily() },
    process: ([, what]: KV<string, string>, { timers }) => act(what, timers.alarm),
    onTimer: { alarm: ({ tag, timestamp, output: emit }) => emit([tag, timestamp]) },
  });

const setEach = (alarm: TimerFamily, times: Readonly<Record<string, Instant>>): void => {
  for (const [tag, time] of Object.entries(times)) alarm.set(tag, time);
};

/** The same times in two families, in orders that cross. */
const crossing = (gc: Instant | undefined) =>
  parDo({
    output: output<KV<string, Instant>>(),
    outputs: { places: output<KV<string, number>>() },
    state: { calls: combiningState(sum()) },
    timers: { fam1: eventTimerFamily(), fam2: eventTimerFamily(), gc: eventTimer() },
    process(_: KV<string, unknown>, { timers: { fam1, fam2, gc: plain } }) {
      setEach(fam1, { "11": 10, "12": 20, "13": 30 });
      setEach(fam2, { "21": 30, "22": 20, "23": 10 });
      if (gc !== undefined) plain.set(gc);
    },
    onTimer: {
      fam1({ tag, timestamp, state: { calls }, output: emit }) {
        emit([tag, timestamp]);
        calls.add(1);
      },
      fam2({ tag, timestamp, state: { calls }, output: emit }) {
        emit([tag, timestamp]);
        calls.add(1);
      },
      gc({ timestamp, state: { calls }, output: emit, outputs }) {
        emit(["gc", timestamp]);
        outputs.places(["gc", calls.read()]);
      },
    },
  });

const afterCrossing: readonly KV<string, Instant>[] = [
  ["11", 10],
  ["12", 20],
  ["13", 30],
  ["21", 30],
  ["22", 20],
  ["23", 10],
];

/** Timers with names that are made as they are needed: the rows of section TM of the catalogue about families. */
export const timerFamilyCases = caseModule(import.meta.url, {
  "TM-25": {
    title: "timers of a family are each due at their time, and tell their names",
    build: (p) =>
      p.apply(create([kv("k", 1)])).apply(
        parDo({
          output: output<string>(),
          timers: { family: eventTimerFamily() },
          process(_, { timers, output: emit }) {
            setEach(timers.family, { timer1: 1, timer2: 2 });
            emit("process");
          },
          onTimer: { family: (ctx) => ctx.output(ctx.tag) },
        }),
      ),
    expected: ["process", "timer1", "timer2"],
  },
  "TM-27": {
    title: "a family is in processing time as well",
    build: (p) =>
      p.apply(testStream<KV<string, number>>().addElements(kv("hello", 37)).advanceProcessingTime(seconds(2))).apply(
        parDo({
          output: output<number>(),
          timers: { family: processingTimerFamily() },
          process(_, { timers, output: emit }) {
            timers.family.setRelative("timer", { offset: seconds(1) });
            emit(3);
          },
          onTimer: { family: (ctx) => ctx.output(42) },
        }),
      ),
    expected: [3, 42],
  },
  "TM-29": {
    title: "names are made of data",
    build: (p) =>
      p.apply(create([kv("key1", 10), kv("key2", 20), kv("key3", 30)])).apply(
        parDo({
          output: output<KV<string, Instant>>(),
          timers: { family: eventTimerFamily() },
          process: ([key, time], { timers }) => timers.family.set(key, time),
          onTimer: { family: ({ tag, timestamp, output: emit }) => emit([tag, timestamp]) },
        }),
      ),
    expected: [
      ["key1", 10],
      ["key2", 20],
      ["key3", 30],
    ],
  },
  "TM-30": {
    title: "the empty name is a name",
    build: (p) =>
      p.apply(create([kv("k", "el")])).apply(
        alarms((_, alarm) => {
          alarm.set("", 10);
          alarm.set("", 20);
        }),
      ),
    expected: [["", 20]],
  },
  "TM-31": {
    title: "a timer of a family that is cleared may be set again",
    build: (p) =>
      p.apply(oneByOne([at(0, "first"), at(0, "second")])).pipe(
        withKeys("k"),
        alarms((what, alarm) => {
          if (what === "first") return setEach(alarm, { emit1: 10, emit2: 20 });
          alarm.set("emit3", 30);
          alarm.clear("emit3");
          alarm.set("emit3", 40);
        }),
      ),
    expected: [
      ["emit1", 10],
      ["emit2", 20],
      ["emit3", 40],
    ],
  },
  "TM-32": {
    title: "a later element clears a timer of a family",
    build: (p) =>
      p.apply(testStream<string>().advanceWatermarkTo(5).addElements("set").advanceWatermarkTo(10).addElements("clear")).pipe(
        withKeys("k"),
        alarms((what, alarm) => (what === "set" ? setEach(alarm, { emit1: 10, emit2: 20, emit3: 30 }) : alarm.clear("emit3"))),
      ),
    expected: [
      ["emit1", 10],
      ["emit2", 20],
    ],
  },
  "TM-33": {
    title: "two families cross, and each timer tells its own time",
    build: (p) => p.apply(create([kv("k", 1)])).apply(crossing(undefined)),
    expected: { main: afterCrossing, places: [] },
  },
  "TM-33/plain": {
    title: "a plain timer that is due after those of two families comes last",
    build: (p) => p.apply(create([kv("k", 1)])).apply(crossing(40)),
    expected: { main: [...afterCrossing, ["gc", 40]], places: [["gc", 6]] },
  },
});
