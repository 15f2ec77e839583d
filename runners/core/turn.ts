import type { Clock } from "./ports.ts";

/** How long bundles may run before timers, sockets and signals get their turn, in ms. */
const TURN_MS = 20;

/** Shares the thread with everything else in the process, and waits for what a runner cannot go on without. */
export class Turn {
  readonly #clock: Clock;
  #ends = 0;
  #failure: { readonly error: unknown } | undefined;
  #wake: () => void = () => {};
  #woken = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Starts counting. Throws what a bundle failed with that was waited for. */
  begin(): void {
    if (this.#failure !== undefined) throw this.#failure.error;
    // A turn lasts until the others have had theirs: many short rounds, with nothing but promises between them, are one turn.
    if (this.isOver) this.#ends = this.#clock.monotonic() + TURN_MS;
    this.#woken = false;
  }

  /** Whether the others should have their turn. */
  get isOver(): boolean {
    return this.#clock.monotonic() >= this.#ends;
  }

  /** Gives the others their turn. */
  yield(): Promise<void> {
    return this.#clock.turn();
  }

  /** Lets something be done later while bundles run, and wakes up when it is; a failure ends the run. */
  later(work: Promise<void>): void {
    work.then(
      () => this.wakeUp(),
      (error: unknown) => this.fail(error),
    );
  }

  /** Ends the run with an error, the first one that comes. */
  fail(error: unknown): void {
    this.#failure ??= { error };
    this.wakeUp();
  }

  /** There may be something to do. */
  wakeUp(): void {
    this.#woken = true;
    this.#wake();
  }

  /** Whom to tell that there may be something to do. */
  onWake(wake: () => void): void {
    this.#wake = wake;
    if (this.#woken) wake();
  }

  /** Resolves when there may be something to do. */
  wake(): Promise<void> {
    return new Promise((resolve) => this.onWake(resolve));
  }
}
