import { mustBeDuration } from "./check.ts";
import { PipelineError, shortText } from "./errors.ts";
import { MIN_INSTANT, type Duration, type Instant } from "./time.ts";

/**
 * Says of one part of a source how far its event times have got: it promises that no element which comes later is earlier.
 *
 * @see Beam, `WatermarkEstimator`.
 */
export interface WatermarkEstimator {
  /** Takes in the time of an element that was given out. */
  observe?(timestamp: Instant): void;
  /** Takes in what the source itself says. */
  set?(watermark: Instant): void;
  /**
   * The watermark, in ms since the epoch. It never goes back.
   *
   * @param now - processing time.
   */
  current(now: Instant): Instant;
}

/** How the watermark of a source is found: one estimator for each of its parts. */
export interface WatermarkPolicy {
  /** What `explain` calls it. */
  readonly name: string;
  /**
   * An estimator for a part that begins, or goes on.
   *
   * @param from - how far the part had got before; `MIN_INSTANT` at its beginning.
   */
  begin(from: Instant): WatermarkEstimator;
}

/**
 * Refuses what is no policy.
 *
 * @param what - what should have one.
 * @param of - names it.
 */
export function mustBePolicy(policy: WatermarkPolicy | undefined, what: string, of: string): void {
  if (typeof policy?.begin === "function") return;
  throw new PipelineError("BAD_ARGUMENT", {
    what,
    got: `watermark: ${shortText(policy)} for ${of}`,
    fix: "give one of manualWatermark(), monotonicWatermark(), boundedDelayWatermark(delay) and wallClockWatermark()",
  });
}

/** The source says itself how far it has got: by the `watermark` of a chunk, or by `ctx.watermark(…)`. A watermark that goes back is ignored. */
export const manualWatermark = (): WatermarkPolicy => ({
  name: "manual",
  begin(from) {
    let watermark = from;
    return {
      set(given) {
        watermark = Math.max(watermark, given);
      },
      current: () => watermark,
    };
  },
});

/** Elements of a part come in the order of their times: the watermark is the time of the last one. */
export const monotonicWatermark = (): WatermarkPolicy => ({ ...observing(0), name: "monotonic" });

/**
 * Elements of a part come out of order by so much at most: the watermark is as much behind the latest time that was seen. Elements
 * that come later than that are late.
 *
 * @param delay - in ms.
 * @throws PipelineError `BAD_ARGUMENT` when the delay is negative.
 */
export function boundedDelayWatermark(delay: Duration): WatermarkPolicy {
  mustBeDuration("the delay of a watermark", delay, 0);
  return { ...observing(delay), name: `bounded delay of ${delay} ms` };
}

/**
 * Elements are as old as the clock says: for sources whose event times are the times at which elements come. Without elements it
 * goes on with the clock. A clock that is set back changes nothing.
 *
 * @param delay - by how much it stays behind, in ms; 0 unless given.
 * @throws PipelineError `BAD_ARGUMENT` when the delay is negative.
 */
export function wallClockWatermark(delay: Duration = 0): WatermarkPolicy {
  mustBeDuration("the delay of a watermark", delay, 0);
  return {
    name: "wall clock",
    begin(from) {
      let watermark = from;
      return { current: (now) => (watermark = Math.max(watermark, now - delay)) };
    },
  };
}

const observing = (delay: Duration): Omit<WatermarkPolicy, "name"> => ({
  begin(from) {
    let watermark = from;
    return {
      observe(timestamp) {
        if (timestamp - delay > watermark) watermark = Math.max(timestamp - delay, MIN_INSTANT);
      },
      current: () => watermark,
    };
  },
});
