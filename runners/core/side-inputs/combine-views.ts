import type { AnyCombineContext } from "../../../sdk/combine/combine-fn.ts";
import type { Window } from "../../../sdk/windowing.ts";
import type { CombineScope } from "../groupings/grouping.ts";
import type { Side } from "../plan.ts";
import { readViews } from "./read-views.ts";
import type { Views } from "./views.ts";

/** The side inputs of a combiner, as they are for the window that it is called for. */
export class CombineViews implements CombineScope {
  readonly ctx: AnyCombineContext;
  /** The window of the call that runs; nothing between calls. */
  readonly #reading: { window: Window | undefined } = { window: undefined };

  /** @param path - whom to name when they are read after the call. */
  constructor(sides: readonly Side[], views: Views, path: string) {
    const read = readViews(sides, views, path, () => this.#reading.window !== undefined);
    this.ctx = Object.freeze({ sideInputs: read(this.#reading) });
  }

  readonly enter = (window: Window): void => void (this.#reading.window = window);

  readonly leave = (): void => void (this.#reading.window = undefined);
}
