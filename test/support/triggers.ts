import fc from "fast-check";
import {
  afterAll,
  afterCount,
  afterEach,
  afterFirst,
  afterProcessingTime,
  afterSynchronizedProcessingTime,
  afterWatermark,
  always,
  defaultTrigger,
  never,
  orFinally,
  repeatedly,
  type Trigger,
} from "millrace";

const leaves: fc.Arbitrary<Trigger> = fc.oneof(
  fc.constantFrom(defaultTrigger(), never(), always(), afterWatermark(), afterSynchronizedProcessingTime()),
  fc.integer({ min: 1, max: 4 }).map(afterCount),
  fc.nat(9).map((delay) => afterProcessingTime(delay)),
  fc.record({ delay: fc.nat(9), offset: fc.nat(4) }).map(({ delay, offset }) => afterProcessingTime(delay, { alignTo: 5, offset })),
);

/** Triggers of triggers, not too deep. */
export const triggers: fc.Arbitrary<Trigger> = fc.letrec<{ readonly trigger: Trigger }>((tie) => {
  const some = fc.array(tie("trigger"), { minLength: 2, maxLength: 3 });
  return {
    trigger: fc.oneof(
      { maxDepth: 3, depthSize: "small", withCrossShrink: true },
      leaves,
      tie("trigger").map(repeatedly),
      fc.record({ early: tie("trigger"), late: tie("trigger") }, { requiredKeys: [] }).map(afterWatermark),
      some.map((parts) => afterEach(...parts)),
      some.map((parts) => afterFirst(...parts)),
      some.map((parts) => afterAll(...parts)),
      fc.tuple(tie("trigger"), tie("trigger")).map(([main, until]) => orFinally(main, until)),
    ),
  };
}).trigger;
