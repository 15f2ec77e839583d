import {
  afterAll,
  afterCount,
  afterEach,
  afterFirst,
  afterProcessingTime,
  afterSynchronizedProcessingTime,
  afterWatermark,
  always,
  calendarDays,
  calendarMonths,
  calendarWeeks,
  calendarYears,
  defaultTrigger,
  fixedWindows,
  globalWindows,
  never,
  orFinally,
  repeatedly,
  sessions,
  slidingWindows,
  type AnyWindowFn,
  type Trigger,
} from "millrace";
import { parseCall, type Argument, type Call } from "./call.ts";

/** The window function that a transcript names. */
export const windowFnOf = (text: string): AnyWindowFn => made("window function", windowFns, parseCall(text));

/** The trigger that a transcript names. */
export const triggerOf = (text: string): Trigger => triggerFrom(parseCall(text));

const triggerFrom = (call: Call): Trigger => made("trigger", triggers, call);

/** What a name makes of its arguments, and how many it takes. */
type Makers<T> = Readonly<
  Record<string, { readonly takes: readonly [least: number, most: number]; readonly make: (args: Arguments) => T }>
>;

function made<T>(kind: string, makers: Makers<T>, call: Call): T {
  const maker = Object.hasOwn(makers, call.name) ? makers[call.name] : undefined;
  if (maker === undefined) throw new Error(`there is no ${kind} ${call.name}, only ${Object.keys(makers).join(", ")}`);
  const [least, most] = maker.takes;
  if (call.args.length < least || call.args.length > most) throw new Error(`${call.name} does not take ${call.args.length} arguments`);
  const args = new Arguments(call);
  const result = maker.make(args);
  args.mustBeUsed();
  return result;
}

/** The arguments of a call, each taken as what it should be. */
class Arguments {
  readonly #call: Call;
  readonly #used = new Set<string>();

  constructor(call: Call) {
    this.#call = call;
  }

  number(i: number): number {
    const value = this.#call.args[i];
    if (typeof value !== "number") throw new Error(`${this.#call.name} takes a number as argument ${i + 1}`);
    return value;
  }

  /** The arguments, all numbers. */
  get numbers(): readonly number[] {
    return this.#call.args.map((_, i) => this.number(i));
  }

  word(i: number): string | undefined {
    const value = this.#call.args[i];
    if (typeof value === "number") throw new Error(`${this.#call.name} takes a word as argument ${i + 1}`);
    return value?.name;
  }

  trigger(i: number): Trigger {
    return this.#triggerFrom(this.#call.args[i]);
  }

  get triggers(): readonly Trigger[] {
    return this.#call.args.map((_, i) => this.trigger(i));
  }

  namedTrigger(name: string): Trigger | undefined {
    this.#used.add(name);
    const value = this.#call.named[name];
    return value === undefined ? undefined : this.#triggerFrom(value);
  }

  mustBeUsed(): void {
    const unused = Object.keys(this.#call.named).find((name) => !this.#used.has(name));
    if (unused !== undefined) throw new Error(`${this.#call.name} takes nothing called ${unused}`);
  }

  #triggerFrom(value: Argument | undefined): Trigger {
    if (value === undefined || typeof value === "number") throw new Error(`${this.#call.name} takes a trigger, not ${String(value)}`);
    return triggerFrom(value);
  }
}

const zone = (args: Arguments): { readonly timeZone?: string } => {
  const timeZone = args.word(1);
  return timeZone === undefined ? {} : { timeZone };
};

const windowFns: Makers<AnyWindowFn> = {
  global: { takes: [0, 0], make: () => globalWindows() },
  fixed: { takes: [1, 2], make: ({ numbers: [size, offset] }) => fixedWindows(size!, offset) },
  sliding: { takes: [2, 3], make: ({ numbers: [size, period, offset] }) => slidingWindows(size!, period!, offset) },
  sessions: { takes: [1, 1], make: (args) => sessions(args.number(0)) },
  calendarDays: { takes: [1, 2], make: (args) => calendarDays(args.number(0), zone(args)) },
  calendarWeeks: { takes: [1, 2], make: (args) => calendarWeeks(args.number(0), zone(args)) },
  calendarMonths: { takes: [1, 2], make: (args) => calendarMonths(args.number(0), zone(args)) },
  calendarYears: { takes: [1, 2], make: (args) => calendarYears(args.number(0), zone(args)) },
};

const triggers: Makers<Trigger> = {
  default: { takes: [0, 0], make: () => defaultTrigger() },
  never: { takes: [0, 0], make: () => never() },
  always: { takes: [0, 0], make: () => always() },
  afterCount: { takes: [1, 1], make: (args) => afterCount(args.number(0)) },
  afterProcessingTime: { takes: [1, 1], make: (args) => afterProcessingTime(args.number(0)) },
  afterSynchronizedProcessingTime: { takes: [0, 0], make: () => afterSynchronizedProcessingTime() },
  afterWatermark: {
    takes: [0, 0],
    make(args) {
      const [early, late] = [args.namedTrigger("early"), args.namedTrigger("late")];
      return afterWatermark({ ...(early === undefined ? {} : { early }), ...(late === undefined ? {} : { late }) });
    },
  },
  repeatedly: { takes: [1, 1], make: (args) => repeatedly(args.trigger(0)) },
  afterEach: { takes: [1, Infinity], make: (args) => afterEach(...args.triggers) },
  afterFirst: { takes: [1, Infinity], make: (args) => afterFirst(...args.triggers) },
  afterAll: { takes: [1, Infinity], make: (args) => afterAll(...args.triggers) },
  orFinally: { takes: [2, 2], make: (args) => orFinally(args.trigger(0), args.trigger(1)) },
};
