import type { Grouping } from "../grouping.ts";
import { PLAIN, type HeadRunner } from "./head.ts";

/** Folds elements into a grouping's state, and takes on what the watermark makes due. */
export const groupHead = (grouping: Grouping): HeadRunner => ({
  run({ batches, inputWatermark }, steps, pass) {
    const before = grouping.droppedLate;
    for (const batch of batches) {
      grouping.add(batch, inputWatermark);
      batch.release?.();
    }
    grouping.fire(inputWatermark, (pairs, stamp) => steps.run(pairs, pairs.length, stamp, pass));
    return { ...PLAIN, hold: grouping.hold, nextTimer: grouping.nextTimer, droppedLate: grouping.droppedLate - before };
  },
});
