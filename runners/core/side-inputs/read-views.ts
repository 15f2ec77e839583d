import type { Window } from "../../../sdk/windowing.ts";
import type { Side } from "../plan.ts";
import { contextExpired } from "../state/key-state.ts";
import type { ViewWindow, Views } from "./views.ts";

/** Makes the object that has a step's side inputs by name, as they are for the main window that is asked for. */
export type ReadViews = (windowNow: () => Window) => object;

/**
 * How a step reads its side inputs.
 *
 * @param isRunning - whether the step runs at all.
 */
export const readViews =
  (sides: readonly Side[], views: Views, path: string, isRunning: () => boolean): ReadViews =>
  (windowNow) => {
    const byName = {};
    for (const { name, view } of sides) {
      // Most elements come from the window of the one before.
      let last: Window | undefined;
      let found: ViewWindow | undefined;
      Object.defineProperty(byName, name, {
        enumerable: true,
        get() {
          if (!isRunning()) throw contextExpired(path);
          const window = windowNow();
          if (window !== last) {
            found = views.windowFor(view, window);
            last = window;
          }
          return views.contentOf(view, found!, name);
        },
      });
    }
    return Object.freeze(byName);
  };
