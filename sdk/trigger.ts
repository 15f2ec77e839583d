import type { Duration } from "./time.ts";

/**
 * When a window's contents are emitted. A trigger is plain data: the SDK builds it, every runner interprets it with the same
 * machines.
 */
export type Trigger =
  /** Each time the watermark is past the end of the window and there is something new. */
  | { readonly kind: "default" }
  /** Not before the window expires. */
  | { readonly kind: "never" }
  /** For whatever came, each time. */
  | { readonly kind: "always" }
  /** Once, when a pane has this many elements. */
  | { readonly kind: "afterCount"; readonly count: number }
  /** Once, in processing time after the first element of a pane. */
  | {
      readonly kind: "afterProcessingTime";
      readonly delay: Duration;
      /** Then on to the next whole multiple of `period` after `offset`, where it is given. */
      readonly alignment?: { readonly period: Duration; readonly offset: Duration };
    }
  /** Once, when the processing time of all that comes before has passed that of the first element of a pane. */
  | { readonly kind: "afterSynchronizedProcessingTime" }
  /** When the watermark is past the end of the window; before that each time `early` fires, after it each time `late` does. */
  | { readonly kind: "afterWatermark"; readonly early?: Trigger; readonly late?: Trigger }
  /** Each time the trigger fires, which begins anew when it has finished. */
  | { readonly kind: "repeatedly"; readonly trigger: Trigger }
  /** One after the other, each until it finishes; the first that is ready; all once all are ready. */
  | { readonly kind: "afterEach" | "afterFirst" | "afterAll"; readonly triggers: readonly Trigger[] }
  /** Like `main`, until `until` fires: that is the last time. */
  | { readonly kind: "orFinally"; readonly main: Trigger; readonly until: Trigger };

/** Fires each time the watermark is past the end of the window, if there is something new. */
export const defaultTrigger = (): Trigger => ({ kind: "default" });
