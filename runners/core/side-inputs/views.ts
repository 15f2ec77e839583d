import { PipelineError, shortText } from "../../../sdk/errors.ts";
import { NEVER, type Duration, type Instant } from "../../../sdk/time.ts";
import { watermarkThatGuaranteesFiring } from "../../../sdk/triggers/guaranteed-firing.ts";
import type { Window } from "../../../sdk/windowing.ts";
import { globalWindow } from "../../../sdk/windows/global.ts";
import { Agenda } from "../agenda.ts";
import type { Batch } from "../batch.ts";
import { isStamp } from "../batch.ts";
import { expiryOf } from "../groupings/grouping.ts";
import type { View } from "../plan.ts";
import { windowsIdentity } from "../window-identity.ts";
import { passedBy } from "./passed.ts";
import { contentOf } from "./view-content.ts";

/** What a view holds in one of its windows. */
export interface ViewWindow {
  readonly window: Window;
  /** What the last pane held; nothing where none has come. */
  elements: readonly unknown[] | undefined;
  /** That in the form in which it is read, once it was. */
  content: { readonly value: unknown } | undefined;
  /** Where it stands among those that will be forgotten. */
  standsAt: Instant;
}

/** The views of a run, as far as this thread has been told. */
export class Views {
  readonly #views: readonly View[];
  /** By view and by the bytes of the window. */
  readonly #windows: readonly Map<string, ViewWindow>[];
  /** By view and by the main window. */
  readonly #byMain: readonly WeakMap<Window, ViewWindow>[];
  /** By view: the windows in the order of their ends. */
  readonly #ends: readonly Agenda<ViewWindow>[];

  constructor(views: readonly View[]) {
    this.#views = views;
    this.#windows = views.map(() => new Map());
    this.#byMain = views.map(() => new WeakMap());
    this.#ends = views.map(() => new Agenda(END));
  }

  /** Takes in a pane, which replaces what was there. */
  put(view: number, { values, stamps }: Batch): void {
    const [window] = isStamp(stamps) ? stamps.windows : stamps.windows[0]!;
    const own = this.#windowAt(view, window!);
    own.elements = values;
    own.content = undefined;
  }

  /** The window of a view that belongs to a main window. */
  windowFor(view: number, main: Window): ViewWindow {
    const known = this.#byMain[view]!.get(main);
    if (known !== undefined) return known;
    const { windowFn } = this.#views[view]!.windowing;
    const own = this.#windowAt(view, windowFn.sideWindow!(main.maxTimestamp) as Window);
    this.#byMain[view]!.set(main, own);
    return own;
  }

  #windowAt(view: number, window: Window): ViewWindow {
    const windows = this.#windows[view]!;
    const identity = windowsIdentity([window], this.#views[view]!.windowing);
    let own = windows.get(identity);
    if (own === undefined) {
      own = { window, elements: undefined, content: undefined, standsAt: NEVER };
      windows.set(identity, own);
      this.#ends[view]!.note(own);
    }
    return own;
  }

  /** The last instant of the window of a view that belongs to a main window. */
  endFor(view: number, main: Window): Instant {
    const known = this.#byMain[view]!.get(main);
    return (known?.window ?? (this.#views[view]!.windowing.windowFn.sideWindow!(main.maxTimestamp) as Window)).maxTimestamp;
  }

  /** See {@link passedBy}. */
  passedBy(view: number, watermark: Instant, lateness: Duration): Instant {
    return passedBy(this.#views[view]!, watermark, lateness);
  }

  /** Lets go of the windows of a view that end before an instant: nobody reads them any more. */
  forget(view: number, endsBefore: Instant): void {
    const ends = this.#ends[view]!;
    for (let own = ends.takeBefore(endsBefore); own !== undefined; own = ends.takeBefore(endsBefore)) {
      this.#windows[view]!.delete(windowsIdentity([own.window], this.#views[view]!.windowing));
      // Whoever remembers the window, since main windows are remembered, must not keep what it held.
      own.elements = undefined;
      own.content = undefined;
    }
  }

  /** How many windows are kept. */
  get size(): number {
    return this.#windows.reduce((total, { size }) => total + size, 0);
  }

  /**
   * Whether a window may be read: a pane has come, or none will, as far as the trigger lets anyone know.
   *
   * @param watermark - how far the view has got.
   */
  isReady(view: number, { elements, window }: ViewWindow, watermark: Instant): boolean {
    return elements !== undefined || watermark > this.readyAfter(view, window);
  }

  /** The watermark that has to be passed for a window to be ready without a pane: what was in it would have been fired. */
  readyAfter(view: number, window: Window): Instant {
    const { windowing } = this.#views[view]!;
    return Math.min(watermarkThatGuaranteesFiring(windowing.trigger, window), expiryOf(window, windowing));
  }

  /**
   * What is read in a window.
   *
   * @param name - what the reader calls the side input, for an error.
   */
  contentOf(view: number, own: ViewWindow, name: string): unknown {
    return (own.content ??= { value: this.#read(view, own, name) }).value;
  }

  #read(view: number, { elements = [], window }: ViewWindow, name: string): unknown {
    const { form, path } = this.#views[view]!;
    try {
      return contentOf(form, elements);
    } catch (error) {
      if (!(error instanceof PipelineError)) throw error;
      const { what, got, ...parts } = error.parts;
      const own =
        window.maxTimestamp === globalWindow.maxTimestamp ? "the global window" : `the window that ends at ${window.maxTimestamp}`;
      const where = `the side input "${name}" (${path}) in ${own}`;
      throw new PipelineError(error.code, { ...parts, what: `${where}: ${what}`, got: got ?? shortText(elements) });
    }
  }
}

const END = {
  timeOf: ({ window }: ViewWindow) => window.maxTimestamp,
  standsAt: ({ standsAt }: ViewWindow) => standsAt,
  standAt: (own: ViewWindow, time: Instant): void => void (own.standsAt = time),
};
