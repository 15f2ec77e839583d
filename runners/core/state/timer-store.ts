import { NEVER, type Instant } from "../../../sdk/time.ts";
import type { TimerDeclaration } from "../../../sdk/timer.ts";
import { Agenda, type AgendaOf } from "../agenda.ts";
import type { Journal, Undoable } from "./journal.ts";

/** A timer of a key and window. */
export class SetTimer<Owner> implements Undoable {
  readonly owner: Owner;
  /** Which of the declared timers. */
  readonly number: number;
  /** Its name, for a timer of a family; empty for others. */
  readonly tag: string;
  /** When it is due; `NEVER` where it is not set. */
  time: Instant = NEVER;
  standsAt: Instant = NEVER;
  /** Where the watermark waits for its output, if that is not when it is due. */
  held: HeldOutput<Owner> | undefined;
  readonly #store: TimerStore<Owner>;

  constructor(store: TimerStore<Owner>, owner: Owner, number: number, tag: string) {
    this.#store = store;
    this.owner = owner;
    this.number = number;
    this.tag = tag;
  }

  /** The time of its output. */
  get output(): Instant {
    return this.held?.time ?? this.time;
  }

  /** @param before - when it was due, where its output had the same time. */
  restore(before: Instant): void {
    this.#store.put(this, before, before);
  }
}

/** Where the watermark waits for the output of a timer. */
interface HeldOutput<Owner> {
  readonly timer: SetTimer<Owner>;
  readonly time: Instant;
  standsAt: Instant;
}

/** The timers of a partition. Those of event time are due once the watermark is greater, those of processing time once it is reached. */
export class TimerStore<Owner> {
  readonly #domains: readonly TimerDeclaration["domain"][];
  readonly #event = new Agenda<SetTimer<Owner>>(DUE);
  readonly #processing = new Agenda<SetTimer<Owner>>(DUE);
  readonly #held = new Agenda<HeldOutput<Owner>>(HELD);
  /** How many timers are set. */
  #set = 0;
  /** How many were set for later, or cleared, and may be left where they stood. */
  #replaced = 0;

  /** @param domains - what time each of the declared timers goes by. */
  constructor(domains: readonly TimerDeclaration["domain"][]) {
    this.#domains = domains;
  }

  /** How many timers are declared. */
  get count(): number {
    return this.#domains.length;
  }

  /** A timer that is not set. */
  timerOf(owner: Owner, number: number, tag: string): SetTimer<Owner> {
    return new SetTimer(this, owner, number, tag);
  }

  /** Sets a timer, whatever it was set for before. */
  set(timer: SetTimer<Owner>, time: Instant, output: Instant, journal: Journal): void {
    this.#noteIn(journal, timer);
    this.put(timer, time, output);
  }

  #noteIn(journal: Journal, timer: SetTimer<Owner>): void {
    if (timer.held === undefined) return journal.note(timer, timer.time);
    const { time, output } = timer;
    journal.noteCall(() => this.put(timer, time, output));
  }

  /** Clears the timer that is due first, as it fires now. */
  fire(timer: SetTimer<Owner>, journal: Journal): void {
    this.#noteIn(journal, timer);
    this.#agendaOf(timer).takeBefore(NEVER);
    this.put(timer, NEVER, NEVER);
  }

  /** Sees to it that a timer is not due any more. */
  clear(timer: SetTimer<Owner>, journal: Journal): void {
    if (timer.time !== NEVER) this.set(timer, NEVER, NEVER, journal);
  }

  /** Sets a timer, or clears it with `NEVER`, without a way back. */
  put(timer: SetTimer<Owner>, time: Instant, output: Instant): void {
    this.#set += (time === NEVER ? 0 : 1) - (timer.time === NEVER ? 0 : 1);
    timer.time = time;
    this.#agendaOf(timer).note(timer);
    const isHeld = time !== NEVER && (output !== time || !this.isInEventTime(timer));
    timer.held = isHeld ? { timer, time: output, standsAt: NEVER } : undefined;
    if (timer.held !== undefined) this.#held.note(timer.held);
    if (time > timer.standsAt && ++this.#replaced > Math.max(FEW_TIMERS, this.#set)) this.#sweep();
  }

  #sweep(): void {
    this.#replaced = 0;
    for (const agenda of [this.#event, this.#processing, this.#held]) agenda.sweep();
  }

  #agendaOf(timer: SetTimer<Owner>): Agenda<SetTimer<Owner>> {
    return this.isInEventTime(timer) ? this.#event : this.#processing;
  }

  isInEventTime({ number }: SetTimer<Owner>): boolean {
    return this.#domains[number] === "event";
  }

  /** When the first timer in event time is due; `NEVER` where none is set. */
  get earliestEvent(): Instant {
    return this.#event.earliest;
  }

  /** The same in processing time. */
  get earliestProcessing(): Instant {
    return this.#processing.earliest;
  }

  /** The first timer that is due before the watermark; it is set until it fires. */
  dueEvent(watermark: Instant): SetTimer<Owner> | undefined {
    return this.#event.firstBefore(watermark);
  }

  /** The first timer that is due now; it is set until it fires. */
  dueProcessing(now: Instant): SetTimer<Owner> | undefined {
    return this.#processing.firstBefore(now + 1);
  }

  /** Where the output watermark has to wait. */
  get hold(): Instant {
    return Math.min(this.#event.earliest, this.#held.earliest);
  }
}

/** Up to this many left behind are never looked for. */
const FEW_TIMERS = 64 * 1_024;

interface Due {
  readonly time: Instant;
  standsAt: Instant;
}

const DUE: AgendaOf<Due> = {
  timeOf: ({ time }) => time,
  standsAt: ({ standsAt }) => standsAt,
  standAt: (timer, time) => (timer.standsAt = time),
};

/** What was set anew, or cleared, holds nothing any more. */
const HELD: AgendaOf<Due & { readonly timer: { readonly held: unknown } }> = {
  ...DUE,
  timeOf: (output) => (output.timer.held === output ? output.time : NEVER),
};
