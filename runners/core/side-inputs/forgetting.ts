import { NEVER, type Instant } from "../../../sdk/time.ts";
import { globalWindow, isGlobal } from "../../../sdk/windows/global.ts";
import type { View } from "../plan.ts";
import { passedBy } from "./passed.ts";

/** Takes note that the windows of a view that end before an instant are needed no more. */
export type Forget = (view: number, endsBefore: Instant) => void;

/**
 * Finds out which windows of views nobody can need any more: those that all who read the view have passed. A step has passed what its
 * output watermark says, since it may still work on what its input watermark has passed.
 */
export class Forgetting {
  readonly #views: readonly View[];
  /** By view: how far its readers had got when that was last looked at, and which windows were forgotten by that. */
  readonly #seen: Instant[];
  readonly #endsBefore: Instant[];

  constructor(views: readonly View[]) {
    this.#views = views;
    this.#seen = views.map(() => -Infinity);
    // What nobody reads need not be kept at all. The global window is there to the end.
    this.#endsBefore = views.map(({ readers, windowing }) =>
      readers.length === 0 ? NEVER : isGlobal(windowing) ? globalWindow.maxTimestamp : -Infinity,
    );
  }

  /** Whether a window of a view is needed no more. */
  isForgotten(view: number, end: Instant): boolean {
    return end < this.#endsBefore[view]!;
  }

  /** @param watermarkOf - the output watermark of a stage. */
  look(watermarkOf: (stage: number) => Instant, forget: Forget): void {
    for (const [number, view] of this.#views.entries()) {
      const { readers } = view;
      if (readers.length === 0) continue;
      // Each reader may have windows that stay open for another while.
      const reached = readers.reduce((least, { stage, lateness }) => Math.min(least, watermarkOf(stage) - lateness), NEVER);
      if (reached <= this.#seen[number]!) continue;
      this.#seen[number] = reached;
      const endsBefore = passedBy(view, reached, 0);
      if (endsBefore <= this.#endsBefore[number]!) continue;
      this.#endsBefore[number] = endsBefore;
      forget(number, endsBefore);
    }
  }
}
