import { mustBeDuration } from "../check.ts";
import { PipelineError, shortText } from "../errors.ts";
import type { ClockMember, ManualClock } from "../manual-clock.ts";
import { NEVER, type Instant } from "../time.ts";

/**
 * A clock that moves only when it is told to. Runs that are given it wait for their processing-time timers, triggers and reads
 * until the test has moved it there; nothing sleeps. `await clock.advanceBy(…)` comes back when everything that became due is done,
 * so what is checked next is exact. Timeouts of async steps, and waits between attempts, are not of this time: they are about the
 * machine.
 *
 * @param start - what time it is at first, in ms since the epoch; 0 unless given.
 *
 * @example
 * ```ts
 * const clock = manualClock();
 * const running = rxjsRunner().start(pipeline, {}, { clock });
 * await clock.advanceBy(seconds(10));
 * ```
 */
export const manualClock = (start: Instant = 0): ManualClock => new Clock(start);

interface Member {
  isBusy: boolean;
  deadline: Instant;
  callback: () => void;
}

class Clock implements ManualClock {
  now: Instant;
  readonly #members = new Set<Member>();
  #onIdle: (() => void)[] = [];

  constructor(start: Instant) {
    mustBeTime(start);
    this.now = start;
  }

  async advanceBy(ms: number): Promise<void> {
    mustBeDuration("how far a manual clock goes on", ms, 0);
    await this.advanceTo(this.now + ms);
  }

  async advanceTo(time: Instant): Promise<void> {
    mustBeTime(time);
    if (time < this.now) {
      throw new PipelineError("BAD_ARGUMENT", { what: "a manual clock does not go back", got: `${time} after ${this.now}` });
    }
    await this.idle();
    for (let due = this.#firstDue(time); due !== undefined; due = this.#firstDue(time)) {
      this.now = Math.max(this.now, due.deadline);
      due.deadline = NEVER;
      due.isBusy = true;
      due.callback();
      await this.idle();
    }
    this.now = time;
  }

  async idle(): Promise<void> {
    do {
      // What came from outside, such as an element of an observable, is noticed when the event loop has had its turn.
      for (let turn = 0; turn < 2; turn++) await new Promise((resolve) => setImmediate(resolve));
      if (!this.#isIdle) await new Promise<void>((resolve) => this.#onIdle.push(resolve));
    } while (!this.#isIdle);
  }

  join(): ClockMember {
    const member: Member = { isBusy: true, deadline: NEVER, callback: () => {} };
    this.#members.add(member);
    const wait = (isBusy: boolean, deadline: Instant, callback: () => void): void => {
      Object.assign(member, { isBusy, deadline, callback });
      this.#tellIfIdle();
    };
    return {
      waitUntil: (deadline, callback) => wait(false, deadline, callback),
      wakeAt: (deadline, callback) => wait(true, deadline, callback),
      busy: () => {
        member.isBusy = true;
      },
      leave: () => {
        this.#members.delete(member);
        this.#tellIfIdle();
      },
    };
  }

  get #isIdle(): boolean {
    return [...this.#members].every(({ isBusy }) => !isBusy);
  }

  #firstDue(time: Instant): Member | undefined {
    const due = [...this.#members].filter(({ deadline }) => deadline <= time);
    return due.toSorted((a, b) => a.deadline - b.deadline)[0];
  }

  #tellIfIdle(): void {
    if (!this.#isIdle) return;
    for (const tell of this.#onIdle.splice(0)) tell();
  }
}

function mustBeTime(time: Instant): void {
  if (Number.isSafeInteger(time)) return;
  throw new PipelineError("BAD_ARGUMENT", { what: "a manual clock stands at whole milliseconds since the epoch", got: shortText(time) });
}
