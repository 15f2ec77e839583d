import { describe, expect, test } from "vitest";
import { Turn } from "../../runners/core/turn.ts";
import { ManualClock } from "../support/manual-clock.ts";

/** Lets everything happen that is ready to. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Whether a promise has resolved by now. */
async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  let settled = false;
  void promise.then(() => (settled = true));
  await settle();
  return settled;
}

describe("a turn", () => {
  test("is over after 20 ms", () => {
    const clock = new ManualClock(1_000);
    const turn = new Turn(clock);
    turn.begin();
    clock.advance(19.9);
    expect(turn.isOver).toBe(false);
    clock.advance(0.1);
    expect(turn.isOver).toBe(true);
    turn.begin();
    expect(turn.isOver).toBe(false);
  });

  test("lasts over many short rounds, since promises give nobody else the thread", () => {
    const clock = new ManualClock();
    const turn = new Turn(clock);
    for (let round = 0; round < 3; round++) {
      turn.begin();
      clock.advance(6);
    }
    expect(turn.isOver).toBe(false);
    turn.begin();
    clock.advance(6);
    expect(turn.isOver).toBe(true);
  });

  test("is measured by the monotonic clock, whatever happens to the time of day", () => {
    const clock = new ManualClock();
    const { monotonic, turn: yieldTo, after } = clock;
    const turn = new Turn({ now: () => 1e9, monotonic, turn: yieldTo, after });
    turn.begin();
    expect(turn.isOver).toBe(false);
  });

  test("gives the event loop its turn by the clock", async () => {
    const clock = new ManualClock();
    await new Turn(clock).yield();
    expect(clock.turns).toBe(1);
  });
});

describe("what is done later", () => {
  test("wakes up when it is done", async () => {
    const turn = new Turn(new ManualClock());
    let done!: () => void;
    turn.begin();
    turn.later(new Promise((resolve) => (done = resolve)));
    const waking = turn.wake();
    expect(await isSettled(waking)).toBe(false);
    done();
    await waking;
    expect(() => turn.begin()).not.toThrow();
  });

  test("wakes up when it fails, and its failure ends the run", async () => {
    const turn = new Turn(new ManualClock());
    const failure = new Error("later");
    turn.begin();
    turn.later(Promise.reject(failure));
    await turn.wake();
    expect(() => turn.begin()).toThrow(failure);
    expect(() => turn.begin(), "for good").toThrow(failure);
  });

  test("ends the run with the first failure of several", async () => {
    const turn = new Turn(new ManualClock());
    turn.begin();
    for (const text of ["first", "second"]) turn.later(Promise.reject(new Error(text)));
    await settle();
    expect(() => turn.begin()).toThrow("first");
  });

  test("ends the run with a failure that is no error, too", () => {
    const turn = new Turn(new ManualClock());
    turn.fail(undefined);
    let isThrown = false;
    try {
      turn.begin();
    } catch (error) {
      isThrown = error === undefined;
    }
    expect(isThrown).toBe(true);
  });
});

describe("a wake", () => {
  test("that came before anybody waited is not lost", async () => {
    const turn = new Turn(new ManualClock());
    turn.begin();
    turn.wakeUp();
    expect(await isSettled(turn.wake())).toBe(true);
  });

  test("counts until the next turn begins", async () => {
    const turn = new Turn(new ManualClock());
    turn.wakeUp();
    turn.begin();
    expect(await isSettled(turn.wake())).toBe(false);
  });

  test("is told each time to whoever asked to be told", () => {
    const turn = new Turn(new ManualClock());
    let wakes = 0;
    turn.begin();
    turn.onWake(() => wakes++);
    expect(wakes).toBe(0);
    turn.wakeUp();
    turn.wakeUp();
    expect(wakes).toBe(2);
  });
});
