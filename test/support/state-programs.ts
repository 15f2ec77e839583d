/* oxlint-disable unicorn/no-thenable -- the word `then` of a failure policy */
import fc from "fast-check";
import {
  bagState,
  combineFn,
  combiningState,
  eventTimer,
  eventTimerFamily,
  mapState,
  multimapState,
  orderedListState,
  output,
  parDo,
  processingTimer,
  processingTimerFamily,
  setState,
  valueState,
  withExceptionHandling,
  type BagCell,
  type CombiningCell,
  type Duration,
  type Instant,
  type IntervalWindow,
  type KV,
  type MapCell,
  type MultimapCell,
  type OrderedListCell,
  type PCollection,
  type SetCell,
  type Timer,
  type TimerFamily,
  type ValueCell,
} from "millrace";

/** The cells of a step that does what programs say, one of each kind. */
export interface Cells {
  readonly value: ValueCell<number>;
  readonly bag: BagCell<number>;
  readonly set: SetCell<unknown>;
  readonly map: MapCell<unknown, number>;
  readonly multimap: MultimapCell<unknown, number>;
  readonly list: OrderedListCell<number>;
  readonly combined: CombiningCell<number, readonly number[]>;
}

/** The timers of such a step. No two of them are ever set for one time, since the order of those is open. */
export interface Timers {
  readonly alarm: Timer;
  readonly alarms: TimerFamily;
  readonly tick: Timer;
  readonly ticks: TimerFamily;
}

/** What a call finds. */
export interface Call {
  readonly state: Cells;
  readonly timers: Timers;
  readonly timestamp: Instant;
  readonly processingTime: Instant;
  readonly window: { readonly maxTimestamp: Instant };
  /** Whether the call is for a timer, which must not set one that would be due at once. */
  readonly isTimer: boolean;
}

/** Keys of sets and maps. Those with equal parts are equal, in whatever order the parts are. */
const name = (a: number, b: number): unknown => [1, "1", b === 0 ? { x: 1, y: [2] } : { y: [2], x: 1 }, null][a];

/** The start of the call's window. */
const startOf = ({ window }: Call): Instant => (window as IntervalWindow).start;

/** Sets a timer in event time, unless that would be due again at once, for ever. */
function alarmFor(call: Call, at: Instant, set: (at: Instant) => void): void {
  if (!call.isTimer || (at > call.timestamp && call.timestamp < call.window.maxTimestamp)) set(at);
}

const nextClock = ({ processingTime }: Call, n: number, slot: number): Instant =>
  processingTime - (processingTime % 4) + 4 * (n + 1) + slot;

/** What a call may do, with two numbers below 4. What it answers is shown. */
const acts = {
  write: ({ state: { value } }, a) => value.write(a),
  read: ({ state: { value } }) => value.read(),
  clearValue: ({ state: { value } }) => value.clear(),
  addToBag: ({ state: { bag } }, a) => bag.add(a),
  readBag: ({ state: { bag } }) => bag.read(),
  isBagEmpty: ({ state: { bag } }) => bag.isEmpty(),
  clearBag: ({ state: { bag } }) => bag.clear(),
  addToSet: ({ state: { set } }, a, b) => set.add(name(a, b)),
  readSet: ({ state: { set } }) => set.read(),
  hasInSet: ({ state: { set } }, a, b) => [set.has(name(a, b)), set.isEmpty()],
  deleteFromSet: ({ state: { set } }, a, b) => set.delete(name(a, b)),
  clearSet: ({ state: { set } }) => set.clear(),
  setInMap: ({ state: { map } }, a, b) => map.set(name(a, b), b),
  getFromMap: ({ state: { map } }, a, b) => [map.get(name(a, b)), map.has(name(a, b)), map.isEmpty()],
  entriesOfMap: ({ state: { map } }) => map.entries(),
  deleteFromMap: ({ state: { map } }, a, b) => map.delete(name(a, b)),
  clearMap: ({ state: { map } }) => map.clear(),
  addToMultimap: ({ state: { multimap } }, a, b) => multimap.add(name(a, b), b),
  getFromMultimap: ({ state: { multimap } }, a, b) => multimap.get(name(a, b)),
  hasInMultimap: ({ state: { multimap } }, a, b) => [multimap.has(name(a, b)), multimap.isEmpty()],
  entriesOfMultimap: ({ state: { multimap } }) => multimap.entries(),
  deleteFromMultimap: ({ state: { multimap } }, a, b) => multimap.delete(name(a, b)),
  clearMultimap: ({ state: { multimap } }) => multimap.clear(),
  addToList: ({ state: { list } }, a, b) => list.add(a, b),
  readList: ({ state: { list } }) => list.read(),
  readRange: ({ state: { list } }, a, b) => list.read(a, b),
  clearRange: ({ state: { list } }, a, b) => list.clear(a, b),
  isListEmpty: ({ state: { list } }) => list.isEmpty(),
  clearList: ({ state: { list } }) => list.clear(),
  combine: ({ state: { combined } }, a) => combined.add(a),
  readCombined: ({ state: { combined } }) => combined.read(),
  clearCombined: ({ state: { combined } }) => combined.clear(),
  setAlarm: (call, a) => alarmFor(call, startOf(call) + 4 * a, (at) => call.timers.alarm.set(at)),
  setAlarmFromNow: (call, a, b) =>
    alarmFor(call, call.timestamp + 1, () =>
      call.timers.alarm.setRelative({ offset: 1 + 3 * a, align: 4, ...(b % 2 === 1 ? { outputTimestamp: call.timestamp } : {}) }),
    ),
  clearAlarm: ({ timers: { alarm } }) => alarm.clear(),
  setAlarms: (call, a, b) => alarmFor(call, startOf(call) + 4 * b + 1 + (a % 2), (at) => call.timers.alarms.set(`alarm ${a % 2}`, at)),
  clearAlarms: ({ timers: { alarms } }, a) => alarms.clear(`alarm ${a % 2}`),
  setTick: (call, a, b) =>
    call.timers.tick.set(nextClock(call, a, 0), {
      outputTimestamp: Math.max(call.timestamp, Math.min(call.timestamp + b, call.window.maxTimestamp)),
    }),
  setTickFromNow: ({ timers: { tick } }, a) => tick.setRelative({ offset: 1 + 3 * a, align: 4 }),
  clearTick: ({ timers: { tick } }) => tick.clear(),
  setTicks: (call, a, b) => call.timers.ticks.set(`tick ${a % 2}`, nextClock(call, b, 1 + (a % 2))),
  clearTicks: ({ timers: { ticks } }, a) => ticks.clear(`tick ${a % 2}`),
} satisfies Readonly<Record<string, (call: Call, a: number, b: number) => unknown>>;

/** One thing that a call does. */
export interface Op {
  readonly act: keyof typeof acts;
  readonly a: number;
  readonly b: number;
  /** Whether what it answers is looked at only when the call has done everything else. */
  readonly isHeld: boolean;
}

/** Does what a program says; answers what it has seen. */
export function perform(program: readonly Op[], call: Call): readonly string[] {
  const seen = program.map(({ act, a, b, isHeld }) => {
    const answer: unknown = acts[act](call, a, b);
    return isHeld ? () => `${act} ${shown(answer)}` : `${act} ${shown(answer)}`;
  });
  return seen.map((each) => (typeof each === "string" ? each : each()));
}

/** An answer as text, with what it can be gone through for. */
const shown = (answer: unknown): string => JSON.stringify(spread(answer)) ?? "nothing";

function spread(answer: unknown): unknown {
  if (typeof answer !== "object" || answer === null || !(Symbol.iterator in answer)) return answer;
  return [...(answer as Iterable<unknown>)].map(spread);
}

/** All that cells hold, as text. */
export const contents = (state: Cells): string =>
  shown([
    state.value.read(),
    state.bag.read(),
    state.set.read(),
    state.map.entries(),
    state.multimap.entries(),
    state.list.read(),
    state.combined.read(),
  ]);

/** An element that says what the call for it does. */
export interface Instruction {
  readonly id: number;
  readonly key: unknown;
  readonly at: Instant;
  readonly program: readonly Op[];
  /** How many of the two attempts fail, after they have done everything. */
  readonly failures: number;
}

/** What a step is, beside what its elements say. */
export interface Setup {
  readonly allowedLateness: Duration;
  readonly timeToLive: Duration | undefined;
  readonly isSorted: boolean;
  readonly tellsExpiry: boolean;
  /** What the call of any timer does. */
  readonly onTimer: readonly Op[];
}

/** What happens, in order. */
export type Happening =
  | { readonly kind: "elements"; readonly elements: readonly Instruction[] }
  | { readonly kind: "watermark"; readonly to: Instant }
  | { readonly kind: "processingTime"; readonly by: Duration };

/** What a call gives out. */
export interface Line {
  readonly key: unknown;
  /** The element, the timer or the end that it was for. */
  readonly what: string;
  readonly timestamp: Instant;
  readonly seen: readonly string[];
}

/** How many attempts there are. */
export const ATTEMPTS = 2;

/** A list that its combiner changes in place, and gives out as it is. */
const listed = combineFn({
  name: "listed",
  create: (): number[] => [],
  add(list: number[], n: number) {
    list.push(n);
    return list;
  },
  merge: (a, b) => [...a, ...b],
  extract: (list): readonly number[] => list,
});

function onWindowExpiration(ctx: {
  readonly key: unknown;
  readonly timestamp: Instant;
  readonly state: Cells;
  readonly output: (line: Line) => undefined;
}): void {
  ctx.output({ key: ctx.key, what: "end", timestamp: ctx.timestamp, seen: [contents(ctx.state)] });
}

/** A step that does what its elements say; those that fail at every attempt are skipped. */
export const programStep =
  ({ timeToLive, isSorted, tellsExpiry, onTimer }: Setup) =>
  (instructions: PCollection<KV<unknown, Instruction>>) => {
    const attempts = new Map<number, number>();
    return instructions.apply(
      withExceptionHandling(
        parDo({
          requiresTimeSortedInput: isSorted,
          ...(timeToLive === undefined ? {} : { timeToLive }),
          lateTo: "late",
          output: output<Line>(),
          outputs: { late: output<KV<unknown, Instruction>>() },
          state: {
            value: valueState<number>(),
            bag: bagState<number>(),
            set: setState<unknown>(),
            map: mapState<unknown, number>(),
            multimap: multimapState<unknown, number>(),
            list: orderedListState<number>(),
            combined: combiningState(listed),
          },
          timers: { alarm: eventTimer(), alarms: eventTimerFamily(), tick: processingTimer(), ticks: processingTimerFamily() },
          process([key, { id, program, failures }], ctx) {
            const seen = perform(program, { ...ctx, isTimer: false });
            ctx.output({ key, what: `element ${id}`, timestamp: ctx.timestamp, seen });
            const attempt = (attempts.get(id) ?? 0) + 1;
            attempts.set(id, attempt);
            if (attempt <= failures) throw new Error(`element ${id} fails`);
          },
          onTimer: {
            alarm(ctx) {
              ctx.output({ key: ctx.key, what: "alarm", timestamp: ctx.timestamp, seen: perform(onTimer, { ...ctx, isTimer: true }) });
            },
            alarms(ctx) {
              ctx.output({ key: ctx.key, what: ctx.tag, timestamp: ctx.timestamp, seen: perform(onTimer, { ...ctx, isTimer: true }) });
            },
            tick(ctx) {
              ctx.output({ key: ctx.key, what: "tick", timestamp: ctx.timestamp, seen: perform(onTimer, { ...ctx, isTimer: true }) });
            },
            ticks(ctx) {
              ctx.output({ key: ctx.key, what: ctx.tag, timestamp: ctx.timestamp, seen: perform(onTimer, { ...ctx, isTimer: true }) });
            },
          },
          // A step without it forgets keys of which nothing is left.
          ...(tellsExpiry ? { onWindowExpiration } : {}),
        }),
        { attempts: ATTEMPTS, then: "skip" },
      ),
    );
  };

// ---- what may happen

/** The length of the windows; a multiple of 4, so that timers of one key and window are apart. */
export const WINDOW = 20;

const op: fc.Arbitrary<Op> = fc.record({
  act: fc.constantFrom(...(Object.keys(acts) as (keyof typeof acts)[])),
  a: fc.nat(3),
  b: fc.nat(3),
  isHeld: fc.boolean(),
});

export const anySetup: fc.Arbitrary<Setup> = fc.record({
  allowedLateness: fc.constantFrom(0, 4),
  timeToLive: fc.constantFrom(undefined, undefined, 3, 9),
  isSorted: fc.boolean(),
  tellsExpiry: fc.boolean(),
  onTimer: fc.array(op, { maxLength: 4 }),
});

const instruction = fc.record({
  key: fc.constantFrom<unknown>("a", "b", { a: 1, b: [2] }, 1, "1"),
  at: fc.nat(45),
  program: fc.array(op, { maxLength: 8 }),
  failures: fc.constantFrom(0, 0, 0, 1, 2, 2),
});

/** Elements whenever, and clocks that go on by any steps. */
export const anyHappenings: fc.Arbitrary<readonly Happening[]> = fc
  .array(
    fc.oneof(
      {
        weight: 3,
        arbitrary: fc.record({ kind: fc.constant("elements" as const), elements: fc.array(instruction, { minLength: 1, maxLength: 5 }) }),
      },
      fc.record({ kind: fc.constant("watermark" as const), by: fc.nat(12) }),
      fc.record({ kind: fc.constant("processingTime" as const), by: fc.nat(9) }),
    ),
    { maxLength: 14, size: "max" },
  )
  .map((happenings) => {
    let [watermark, id] = [-2, 0];
    return happenings.map((each): Happening => {
      if (each.kind === "watermark") return { kind: "watermark", to: (watermark += each.by) };
      if (each.kind === "processingTime") return each;
      return { kind: "elements", elements: each.elements.map((element) => ({ ...element, id: id++ })) };
    });
  });
