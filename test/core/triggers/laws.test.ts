import fc from "fast-check";
import { expect, test } from "vitest";
import { NEVER } from "millrace";
import { machineOf } from "../../../runners/core/triggers/machine-of.ts";
import type { TriggerMachine, TriggerTimes } from "../../../runners/core/triggers/machine.ts";
import { triggers } from "../../support/triggers.ts";

// What holds for all triggers, whatever happens to a window.

/** Something that happens to a window: elements, or time that goes by. The machine is asked after each. */
const step = fc.oneof(
  fc.record({ count: fc.integer({ min: 1, max: 3 }) }),
  fc.record({ watermark: fc.nat(8) }),
  fc.record({ clock: fc.nat(6), behind: fc.nat(4) }),
);
const history = fc.array(step, { maxLength: 12 });
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

const beginning: TriggerTimes = { maxTimestamp: 9, inputWatermark: 0, processingTime: 0, synchronizedProcessingTime: 0 };

/** A window at one moment. */
interface Moment {
  readonly state: unknown;
  readonly times: TriggerTimes;
  readonly hasFired: boolean;
}

/** What a window goes through, from the beginning on. */
function* lived(
  machine: TriggerMachine,
  steps: readonly Step[],
  stored: (state: unknown) => unknown = (state) => state,
): Generator<Moment> {
  let [state, times] = [machine.initial, beginning];
  for (const each of steps) {
    times = timesAfter(times, each);
    if ("count" in each) state = stored(machine.onElements(state, each.count, times));
    const hasFired = machine.isReady(state, times);
    if (hasFired) state = stored(machine.fired(state, times));
    yield { state, times, hasFired };
  }
}

function timesAfter(times: TriggerTimes, each: Step): TriggerTimes {
  if ("watermark" in each) return { ...times, inputWatermark: times.inputWatermark + each.watermark };
  if (!("clock" in each)) return times;
  const processingTime = times.processingTime + each.clock;
  return { ...times, processingTime, synchronizedProcessingTime: Math.max(times.synchronizedProcessingTime, processingTime - each.behind) };
}

const lastOf = (machine: TriggerMachine, steps: readonly Step[]): Moment =>
  [...lived(machine, steps)].at(-1) ?? { state: machine.initial, times: beginning, hasFired: false };

const check = (property: fc.IProperty<never[]> | Parameters<typeof fc.assert>[0]): void =>
  void fc.assert(property as never, { numRuns: 500 });

test("what a machine remembers is plain data, which can be copied and stored as text", () => {
  check(
    fc.property(triggers, fc.boolean(), history, (trigger, windowsMerge, steps) => {
      const machine = machineOf(trigger, windowsMerge);
      const kept = [...lived(machine, steps)];
      expect([...lived(machine, steps, (state) => structuredClone(state))]).toEqual(kept);
      expect([...lived(machine, steps, (state): unknown => JSON.parse(JSON.stringify(state)))]).toEqual(kept);
    }),
  );
});

test("no state is ever changed", () => {
  const frozen = (state: unknown): unknown => {
    if (typeof state === "object" && state !== null) Object.values(Object.freeze(state)).forEach(frozen);
    return state;
  };
  check(
    fc.property(triggers, fc.boolean(), history, history, (trigger, windowsMerge, steps, others) => {
      const machine = machineOf(trigger, windowsMerge);
      const states = [steps, others].map((each) => [...lived(machine, each, frozen)].at(-1)?.state ?? machine.initial);
      expect(() => machine.merge(states, states[0], beginning)).not.toThrow();
    }),
  );
});

test("a machine that has finished is never ready again, and stays finished", () => {
  check(
    fc.property(triggers, fc.boolean(), history, (trigger, windowsMerge, steps) => {
      const machine = machineOf(trigger, windowsMerge);
      let hasFinished = false;
      for (const { state, hasFired } of lived(machine, steps)) {
        if (hasFinished) expect([hasFired, machine.isFinished(state)]).toEqual([false, true]);
        hasFinished = machine.isFinished(state);
      }
    }),
  );
});

test("only a firing finishes a machine", () => {
  check(
    fc.property(triggers, fc.boolean(), history, (trigger, windowsMerge, steps) => {
      const machine = machineOf(trigger, windowsMerge);
      let wasFinished = false;
      for (const { state, hasFired } of lived(machine, steps)) {
        expect(machine.isFinished(state)).toBe(wasFinished || (hasFired && machine.isFinished(state)));
        wasFinished = machine.isFinished(state);
      }
    }),
  );
});

test("windows may merge in any order", () => {
  check(
    fc.property(
      triggers,
      fc.array(history, { minLength: 1, maxLength: 4 }),
      fc.nat(3),
      fc.nat(30),
      (trigger, histories, which, watermark) => {
        const machine = machineOf(trigger, true);
        const states = histories.map((steps) => lastOf(machine, steps).state);
        const times = { ...beginning, maxTimestamp: 15, inputWatermark: watermark };
        for (const into of [undefined, states[which % states.length]]) {
          expect(machine.merge(states.toReversed(), into, times)).toEqual(machine.merge(states, into, times));
        }
      },
    ),
  );
});

test("a machine that does not watch the watermark is ready or not whatever the watermark is", () => {
  check(
    fc.property(triggers, fc.boolean(), history, (trigger, windowsMerge, steps) => {
      const machine = machineOf(trigger, windowsMerge);
      fc.pre(!machine.watchesWatermark);
      for (const { state, times } of lived(machine, steps)) {
        expect(machine.isReady(state, { ...times, inputWatermark: 100 })).toBe(machine.isReady(state, { ...times, inputWatermark: 0 }));
      }
    }),
  );
});

test("as time goes by, a machine becomes ready at one of its deadlines and at no other time", () => {
  check(
    fc.property(triggers, fc.boolean(), history, fc.nat(30), (trigger, windowsMerge, steps, later) => {
      const machine = machineOf(trigger, windowsMerge);
      for (const { state, times } of lived(machine, steps)) {
        const { processingTime, synchronizedProcessingTime } = times;
        const after = { ...times, processingTime: processingTime + later, synchronizedProcessingTime: synchronizedProcessingTime + later };
        const isAsked =
          machine.deadline(state, processingTime) <= after.processingTime ||
          machine.synchronizedDeadline(state, synchronizedProcessingTime) < after.synchronizedProcessingTime;
        if (!isAsked) expect(machine.isReady(state, after)).toBe(machine.isReady(state, times));
      }
    }),
  );
});

test("a deadline that is given is one that is still to come", () => {
  check(
    fc.property(triggers, fc.boolean(), history, (trigger, windowsMerge, steps) => {
      const machine = machineOf(trigger, windowsMerge);
      for (const { state, times } of lived(machine, steps)) {
        expect(machine.deadline(state, times.processingTime)).toBeGreaterThan(times.processingTime);
        expect(machine.synchronizedDeadline(state, times.synchronizedProcessingTime)).toBeGreaterThanOrEqual(
          times.synchronizedProcessingTime,
        );
        if (machine.isFinished(state)) expect([machine.deadline(state), machine.synchronizedDeadline(state)]).toEqual([NEVER, NEVER]);
      }
    }),
  );
});
