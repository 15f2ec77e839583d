import type { Instant } from "../../../sdk/time.ts";
import type { KeyedCall, KeyState } from "./key-state.ts";
import type { MembersOf } from "./keyed-context.ts";

/** What ties a DoFn's calls to the states and timers of one key and window. */
export class KeyedBinding {
  readonly #call: KeyedCall;
  readonly #cells: MembersOf;
  readonly #timers: MembersOf;
  /** Which key and window the next call is for. */
  state!: KeyState;

  constructor(call: KeyedCall, cells: MembersOf, timers: MembersOf) {
    this.#call = call;
    this.#cells = cells;
    this.#timers = timers;
  }

  /** What the call finds as its states. */
  cells(): object {
    return this.#cells(this.state);
  }

  /** What the call finds as its timers. */
  timers(): object {
    return this.#timers(this.state);
  }

  /** Begins a call; answers what {@link takeBack} needs. */
  begin(timestamp: Instant, outputTimestamp: Instant, processingTime: Instant): number {
    const call = this.#call;
    call.owner = this.state;
    call.timestamp = timestamp;
    call.outputTimestamp = outputTimestamp;
    call.processingTime = processingTime;
    return call.journal.mark;
  }

  /** Calls what is no part of the call that runs. */
  outside(other: () => void): void {
    const call = this.#call;
    const { owner } = call;
    call.owner = undefined;
    try {
      other();
    } finally {
      call.owner = owner;
    }
  }

  /** Takes back what a call that failed has written. */
  takeBack(mark: number): void {
    this.#call.journal.rollBackTo(mark);
  }

  /** Ends a call: nothing that it was given may be used any more. */
  end(): void {
    this.#call.owner = undefined;
  }
}
