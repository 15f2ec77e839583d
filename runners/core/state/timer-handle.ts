import { PipelineError, shortText } from "../../../sdk/errors.ts";
import type { Duration, Instant } from "../../../sdk/time.ts";
import type { Delay, Held, Timer, TimerDeclaration, TimerFamily } from "../../../sdk/timer.ts";
import { isInstant } from "../timestamps.ts";
import type { Declared, KeyedCall, KeyState } from "./key-state.ts";

/** What timers are set by. */
export interface TimerSetting {
  readonly call: KeyedCall;
  readonly allowedSkew: Duration;
}

/** Sets and clears the timers of a key and window, all of one declaration. */
class TimerSetter {
  readonly #owner: KeyState;
  readonly #number: number;
  readonly #declared: Declared<TimerDeclaration>;
  readonly #setting: TimerSetting;

  constructor(owner: KeyState, number: number, declared: Declared<TimerDeclaration>, setting: TimerSetting) {
    this.#owner = owner;
    this.#number = number;
    this.#declared = declared;
    this.#setting = setting;
  }

  protected setFor(tag: string | undefined, at: Instant, { outputTimestamp }: Held = {}): void {
    this.#owner.use();
    this.#mustBeTime(at);
    if (this.#isInEventTime && at > this.#expiry) {
      throw this.#refused("an event-time timer is set for a time after the expiration of its window, when it would not fire any more", {
        got: `${at}; the window expires at ${this.#expiry}`,
        fix: "set it for the window's maxTimestamp at the latest, or allow more lateness; setRelative stops there by itself",
      });
    }
    this.#put(tag, at, outputTimestamp);
  }

  protected setFrom(tag: string | undefined, { offset, align, outputTimestamp }: Delay): void {
    this.#owner.use();
    const { timestamp, processingTime } = this.#setting.call;
    if (align !== undefined && !(Number.isInteger(align) && align > 0)) {
      throw this.#refused("a timer is aligned to something that is no length of time", {
        got: shortText(align),
        fix: "give a whole number of milliseconds, more than 0",
      });
    }
    const at = aligned((this.#isInEventTime ? timestamp : processingTime) + offset, align);
    this.#mustBeTime(at);
    this.#put(tag, this.#isInEventTime ? Math.min(at, this.#expiry) : at, outputTimestamp);
  }

  protected clearOf(tag: string | undefined): void {
    this.#owner.use();
    this.#owner.clearTimer(this.#number, tag);
  }

  #put(tag: string | undefined, at: Instant, outputTimestamp: Instant | undefined): void {
    const { call } = this.#setting;
    if (outputTimestamp !== undefined) this.#mustBeOutput(outputTimestamp);
    const output = outputTimestamp ?? (this.#isInEventTime ? at : Math.min(call.outputTimestamp, this.#expiry));
    this.#owner.setTimer(this.#number, tag, { time: at, output });
  }

  get #isInEventTime(): boolean {
    return this.#declared.declaration.domain === "event";
  }

  get #expiry(): Instant {
    return this.#owner.home.expiry;
  }

  #mustBeTime(at: Instant): void {
    if (this.#isInEventTime ? isInstant(at) || at > this.#expiry : Number.isInteger(at)) return;
    throw this.#refused("a timer is set for something that is no time", {
      got: shortText(at),
      fix: "give whole milliseconds since the epoch",
    });
  }

  #mustBeOutput(time: Instant): void {
    const { allowedSkew, call } = this.#setting;
    const earliest = call.outputTimestamp - allowedSkew;
    if (isInstant(time) && time >= earliest && time <= this.#expiry) return;
    throw this.#refused("a timer has an output timestamp before the element or timer that sets it, or beyond its window", {
      got: `${shortText(time)}; it may be from ${earliest} up to ${this.#expiry}`,
      fix: "choose a time in between, or set allowedSkew, or allow more lateness",
    });
  }

  #refused(what: string, { got, fix }: { readonly got: string; readonly fix: string }): PipelineError {
    return new PipelineError("BAD_TIMER", { what: `${what} (the timer "${this.#declared.name}")`, got, fix });
  }
}

/** The next multiple of `step` from a time on; -0 is no time of its own. */
const aligned = (time: Instant, step: Duration | undefined): Instant => (step === undefined ? time : Math.ceil(time / step) * step + 0);

/** One timer, as a DoFn sees it. */
export class OneTimer extends TimerSetter implements Timer {
  set(at: Instant, options?: Held): void {
    this.setFor(undefined, at, options);
  }

  setRelative(delay: Delay): void {
    this.setFrom(undefined, delay);
  }

  clear(): void {
    this.clearOf(undefined);
  }
}

/** A family of timers, as a DoFn sees it. */
export class TimersByTag extends TimerSetter implements TimerFamily {
  set(tag: string, at: Instant, options?: Held): void {
    this.setFor(tag, at, options);
  }

  setRelative(tag: string, delay: Delay): void {
    this.setFrom(tag, delay);
  }

  clear(tag: string): void {
    this.clearOf(tag);
  }
}
