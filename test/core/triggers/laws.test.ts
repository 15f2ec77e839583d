import fc from "fast-check";
import { expect, test } from "vitest";
import { NEVER } from "millrace";
import { machineOf } from "../../../runners/core/triggers/machine-of.ts";
import type { TriggerMachine, TriggerTimes } from "../../../runners/core/triggers/machine.ts";
import { campaign } from "../../io/support/campaign.ts";
import { triggers } from "../../support/triggers.ts";

// What holds for all triggers, whatever happens to a window.

/** Something that happens to a window: elements come, or time goes by. The machine is asked after each. */
type Step = { readonly count: number } | { readonly watermark: number } | { readonly clock: number; readonly behind: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ count: fc.integer({ min: 1, max: 3 }) }),
  fc.record({ watermark: fc.nat(8) }),
  fc.record({ clock: fc.nat(6), behind: fc.nat(4) }),
);
const history = fc.array(step, { maxLength: 12 });
const machines = fc.record({ trigger: triggers, windowsMerge: fc.boolean() });

const runs = campaign(500);

const beginning: TriggerTimes = { maxTimestamp: 9, inputWatermark: 0, processingTime: 0, synchronizedProcessingTime: 0 };

/** A window after a step. */
interface Moment {
  readonly state: unknown;
  readonly times: TriggerTimes;
  readonly hasFired: boolean;
  readonly wasFinished: boolean;
  readonly isFinished: boolean;
}

/** What a window goes through; `stored` is what becomes of a state between two steps. */
function lived(machine: TriggerMachine, steps: readonly Step[], stored = (state: unknown): unknown => state): readonly Moment[] {
  let [state, times] = [machine.initial, beginning];
  return steps.map((each) => {
    times = timesAfter(times, each);
    const wasFinished = machine.isFinished(state);
    if ("count" in each) state = stored(machine.onElements(state, each.count, times));
    const hasFired = machine.isReady(state, times);
    if (hasFired) state = stored(machine.fired(state, times));
    return { state, times, hasFired, wasFinished, isFinished: machine.isFinished(state) };
  });
}

function timesAfter(times: TriggerTimes, each: Step): TriggerTimes {
  if ("watermark" in each) return { ...times, inputWatermark: times.inputWatermark + each.watermark };
  if (!("clock" in each)) return times;
  const processingTime = times.processingTime + each.clock;
  return { ...times, processingTime, synchronizedProcessingTime: Math.max(times.synchronizedProcessingTime, processingTime - each.behind) };
}

/** How a moment of some window breaks a law; nothing where none does. */
function breachOf(breaks: (machine: TriggerMachine, moment: Moment) => boolean): string | undefined {
  const law = fc.property(machines, history, ({ trigger, windowsMerge }, steps) => {
    const machine = machineOf(trigger, windowsMerge);
    return !lived(machine, steps).some((moment) => breaks(machine, moment));
  });
  return fc.defaultReportMessage(fc.check(law, runs));
}

test("what a machine remembers is plain data, which can be copied and be stored as text", () => {
  fc.assert(
    fc.property(machines, history, ({ trigger, windowsMerge }, steps) => {
      const machine = machineOf(trigger, windowsMerge);
      const kept = lived(machine, steps);
      expect(lived(machine, steps, (state) => structuredClone(state))).toEqual(kept);
      expect(lived(machine, steps, (state): unknown => JSON.parse(JSON.stringify(state)))).toEqual(kept);
    }),
    runs,
  );
});

test("a state is never changed", () => {
  const frozen = (state: unknown): unknown => {
    if (typeof state === "object" && state !== null) Object.values(Object.freeze(state)).forEach(frozen);
    return state;
  };
  fc.assert(
    fc.property(machines, history, history, ({ trigger, windowsMerge }, steps, others) => {
      const machine = machineOf(trigger, windowsMerge);
      const states = [steps, others].map((each) => lived(machine, each, frozen).at(-1)?.state ?? machine.initial);
      expect(() => machine.merge(states, states[0], beginning)).not.toThrow();
    }),
    runs,
  );
});

test("a machine that has finished is never ready again, and stays finished", () => {
  expect(breachOf((_, { wasFinished, hasFired, isFinished }) => wasFinished && (hasFired || !isFinished))).toBeUndefined();
});

test("only a firing finishes a machine", () => {
  expect(breachOf((_, { wasFinished, hasFired, isFinished }) => isFinished && !wasFinished && !hasFired)).toBeUndefined();
});

test("a machine that does not watch the watermark is ready or not whatever the watermark is", () => {
  expect(
    breachOf(({ watchesWatermark, isReady }, { state, times }) => {
      const [before, after] = [0, 100].map((inputWatermark) => isReady(state, { ...times, inputWatermark }));
      return !watchesWatermark && before !== after;
    }),
  ).toBeUndefined();
});

test.each([1, 5, 30])("as %i ms go by, a machine becomes ready at one of its deadlines and at no other time", (passed) => {
  expect(
    breachOf(({ deadline, synchronizedDeadline, isReady }, { state, times }) => {
      const [now, synchronizedNow] = [times.processingTime, times.synchronizedProcessingTime];
      const later = { ...times, processingTime: now + passed, synchronizedProcessingTime: synchronizedNow + passed };
      const isAsked =
        deadline(state, now) <= later.processingTime || synchronizedDeadline(state, synchronizedNow) < later.synchronizedProcessingTime;
      return !isAsked && isReady(state, times) !== isReady(state, later);
    }),
  ).toBeUndefined();
});

test("a deadline is still to come, and there is none for a machine that has finished", () => {
  expect(
    breachOf(({ deadline, synchronizedDeadline }, { state, times, isFinished }) => {
      if (isFinished) return deadline(state) !== NEVER || synchronizedDeadline(state) !== NEVER;
      const { processingTime, synchronizedProcessingTime } = times;
      return (
        deadline(state, processingTime) <= processingTime ||
        synchronizedDeadline(state, synchronizedProcessingTime) < synchronizedProcessingTime
      );
    }),
  ).toBeUndefined();
});

test("windows may merge in any order", () => {
  const histories = fc.array(history, { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(triggers, histories, fc.nat(30), (trigger, all, inputWatermark) => {
      const machine = machineOf(trigger, true);
      const states = all.map((steps) => lived(machine, steps).at(-1)?.state ?? machine.initial);
      const times = { ...beginning, maxTimestamp: 15, inputWatermark };
      for (const into of [undefined, ...states]) {
        expect(machine.merge(states.toReversed(), into, times)).toEqual(machine.merge(states, into, times));
      }
    }),
    runs,
  );
});
