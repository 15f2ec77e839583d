import type { Window } from "../../../sdk/windowing.ts";
import type { Side } from "../plan.ts";
import { contextExpired } from "../state/key-state.ts";
import type { Views } from "./views.ts";

/** Says for which main window views are read now. */
export interface Reading {
  readonly window: Window | undefined;
}

/** Makes the object that has a step's side inputs by name, as they are for the main window that is read for. */
export type ReadViews = (reading: Reading) => object;

/**
 * How a step reads its side inputs.
 *
 * What was read is remembered until the main window is another one or something has become of a view: most elements come from the
 * window of the one before, and a read then costs little more than that of a field. So whoever ends what may read has to leave the
 * window, or to say so by `views.changed()`.
 *
 * @param isRunning - whether the step runs at all.
 */
export const readViews =
  (sides: readonly Side[], views: Views, path: string, isRunning: () => boolean): ReadViews =>
  (reading) => {
    const byName = {};
    for (const { name, view } of sides) {
      const last: { window: Window | undefined; version: number; value: unknown } = { window: undefined, version: -1, value: undefined };
      const readAnew = (): unknown => {
        if (!isRunning()) throw contextExpired(path);
        const window = reading.window!;
        last.value = views.contentOf(view, views.windowFor(view, window), name);
        last.window = window;
        last.version = views.version;
        return last.value;
      };
      Object.defineProperty(byName, name, {
        enumerable: true,
        get: () => (reading.window === last.window && views.version === last.version ? last.value : readAnew()),
      });
    }
    return Object.freeze(byName);
  };
