import { NEVER, type Instant } from "../../../sdk/time.ts";
import type { TimerDeclaration } from "../../../sdk/timer.ts";
import { Agenda } from "../agenda.ts";
import type { Journal } from "./journal.ts";

/** A timer of a key and window; `NEVER` where it is not set. */
export interface SetTimer<Owner> {
  readonly owner: Owner;
  /** Which of the declared timers. */
  readonly number: number;
  /** Its name, for a timer of a family; empty for others. */
  readonly tag: string;
  /** When it is due. */
  time: Instant;
  /** The time of its output, where the watermark waits for it. */
  output: Instant;
  standsAt: Instant;
  outputStandsAt: Instant;
}

/** The timers of a partition. Those of event time are due once the watermark is greater, those of processing time once it is reached. */
export class TimerStore<Owner> {
  readonly #domains: readonly TimerDeclaration["domain"][];
  readonly #event = new Agenda<SetTimer<Owner>>(DUE);
  readonly #processing = new Agenda<SetTimer<Owner>>(DUE);
  /** Those that hold the watermark back at another time than the one that they are due at. */
  readonly #outputs: Agenda<SetTimer<Owner>>;
  #replaced = 0;
  /** When so many timers were set for later, or cleared, those that are left where they stood are thrown out. */
  #sweepAt = FEW_TIMERS;

  /** @param domains - what time each of the declared timers goes by. */
  constructor(domains: readonly TimerDeclaration["domain"][]) {
    this.#domains = domains;
    this.#outputs = new Agenda({
      timeOf: (timer) => (this.#holdsElsewhere(timer) ? timer.output : NEVER),
      standsAt: ({ outputStandsAt }) => outputStandsAt,
      standAt: (timer, time) => (timer.outputStandsAt = time),
    });
  }

  /** A timer that is not set. */
  timerOf(owner: Owner, number: number, tag: string): SetTimer<Owner> {
    return { owner, number, tag, time: NEVER, output: NEVER, standsAt: NEVER, outputStandsAt: NEVER };
  }

  /** Sets a timer, whatever it was set for before. */
  set(timer: SetTimer<Owner>, time: Instant, output: Instant, journal: Journal): void {
    const { time: timeBefore, output: outputBefore } = timer;
    journal.note(() => this.#put(timer, timeBefore, outputBefore));
    this.#put(timer, time, output);
  }

  /** Sees to it that a timer is not due any more. */
  clear(timer: SetTimer<Owner>, journal: Journal): void {
    if (timer.time !== NEVER) this.set(timer, NEVER, NEVER, journal);
  }

  #put(timer: SetTimer<Owner>, time: Instant, output: Instant): void {
    timer.time = time;
    timer.output = output;
    this.#agendaOf(timer).note(timer);
    this.#outputs.note(timer);
    if (time > timer.standsAt && ++this.#replaced > this.#sweepAt) this.#sweep();
  }

  #sweep(): void {
    this.#replaced = 0;
    this.#sweepAt = Math.max(FEW_TIMERS, this.#event.sweep() + this.#processing.sweep());
    this.#outputs.sweep();
  }

  #agendaOf(timer: SetTimer<Owner>): Agenda<SetTimer<Owner>> {
    return this.isInEventTime(timer) ? this.#event : this.#processing;
  }

  isInEventTime({ number }: SetTimer<Owner>): boolean {
    return this.#domains[number] === "event";
  }

  #holdsElsewhere(timer: SetTimer<Owner>): boolean {
    return timer.time !== NEVER && (timer.output !== timer.time || !this.isInEventTime(timer));
  }

  /** When the first timer in event time is due; `NEVER` where none is set. */
  get earliestEvent(): Instant {
    return this.#event.earliest;
  }

  /** The same in processing time. */
  get earliestProcessing(): Instant {
    return this.#processing.earliest;
  }

  /** The first timer that is due before the watermark. It is set until it is cleared. */
  dueEvent(watermark: Instant): SetTimer<Owner> | undefined {
    return this.#event.firstBefore(watermark);
  }

  /** The first timer that is due now. It is set until it is cleared. */
  dueProcessing(now: Instant): SetTimer<Owner> | undefined {
    return this.#processing.firstBefore(now + 1);
  }

  /** Where the output watermark has to wait. */
  get hold(): Instant {
    return Math.min(this.#event.earliest, this.#outputs.earliest);
  }
}

/** Up to this many timers are never looked through. */
const FEW_TIMERS = 64 * 1_024;

const DUE = {
  timeOf: ({ time }: SetTimer<unknown>) => time,
  standsAt: ({ standsAt }: SetTimer<unknown>) => standsAt,
  standAt: (timer: SetTimer<unknown>, time: Instant): void => void (timer.standsAt = time),
};
