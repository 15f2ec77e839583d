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
  #window: Window | undefined;

  /** @param path - whom to name when they are read after the call. */
  constructor(sides: readonly Side[], views: Views, path: string) {
    const read = readViews(sides, views, path, () => this.#window !== undefined);
    this.ctx = Object.freeze({ sideInputs: read(() => this.#window!) });
  }

  readonly enter = (window: Window): void => void (this.#window = window);

  readonly leave = (): void => void (this.#window = undefined);
}
