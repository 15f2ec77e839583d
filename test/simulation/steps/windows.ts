import {
  afterCount,
  afterProcessingTime,
  afterSynchronizedProcessingTime,
  afterWatermark,
  defaultTrigger,
  fixedWindows,
  repeatedly,
  sessions,
  slidingWindows,
  windowInto,
  type KV,
  type Trigger,
  type Window,
  type WindowFn,
} from "millrace";
import type { Choices } from "../choices.ts";
import type { Apply, Facts } from "./kind.ts";

/** Windows with any settings. */
export function anyWindowing(choices: Choices, number: number): { readonly apply: Apply; readonly facts: Facts } {
  const { windowFn, merges } = anyWindowFn(choices);
  const emitsOnce = choices.chance(0.75);
  const allowedLateness = choices.pick([0, 0, 6]);
  const settings = {
    trigger: emitsOnce ? choices.pick([defaultTrigger(), afterWatermark()]) : anyEarly(choices),
    accumulation: choices.pick(["discarding", "accumulating"] as const),
    allowedLateness,
    timestampCombiner: choices.pick(["endOfWindow", "earliest", "latest"] as const),
    allowUnsafeTriggers: true,
  };
  return {
    apply: (at, [pairs]) => pairs!.apply(at, windowInto<KV<string, number>, Window>(windowFn, settings)),
    facts: { windows: number, merges, isSteady: true, emitsOnce, isLenient: allowedLateness > 0 },
  };
}

const anyWindowFn = (choices: Choices): { readonly windowFn: WindowFn<unknown, Window>; readonly merges: boolean } => {
  const size = choices.between(2, 20);
  switch (choices.pick(["fixed", "fixed", "sliding", "sessions"] as const)) {
    case "fixed":
      return { windowFn: fixedWindows(size, choices.below(size)) as unknown as WindowFn<unknown, Window>, merges: false };
    case "sliding":
      return {
        windowFn: slidingWindows(size, choices.between(Math.ceil(size / 3), size)) as unknown as WindowFn<unknown, Window>,
        merges: false,
      };
    case "sessions":
      return { windowFn: sessions(choices.pick([1, 1, 3, 8])) as unknown as WindowFn<unknown, Window>, merges: true };
  }
};

/** Triggers that lose nothing. */
const anyEarly = (choices: Choices): Trigger =>
  choices.pick([
    () => repeatedly(afterCount(choices.between(1, 3))),
    () => repeatedly(afterProcessingTime(choices.pick([1, 10, 100]))),
    () => repeatedly(afterSynchronizedProcessingTime()),
    () => afterWatermark({ early: afterCount(choices.between(1, 3)), late: afterCount(1) }),
    () => afterWatermark({ early: afterProcessingTime(choices.pick([1, 10, 100])), late: afterCount(1) }),
  ])();
