import type { ElementContext } from "../../sdk/contexts.ts";
import { stepMetrics } from "../../sdk/step-metrics.ts";
import { MIN_INSTANT, type Instant } from "../../sdk/time.ts";
import { NO_FIRING, type Pane, type Window } from "../../sdk/windowing.ts";
import { globalWindow } from "../../sdk/windows/global.ts";
import type { ReadViews } from "./side-inputs/read-views.ts";

const NO_SIDE_INPUTS = Object.freeze({});

/** What a step's function is told of an element. One object serves all calls of a step; it is valid during a call. */
export class ElementContextOf implements ElementContext {
  timestamp: Instant = MIN_INSTANT;
  window: Window = globalWindow;
  pane: Pane = NO_FIRING;
  processingTime: Instant = MIN_INSTANT;
  readonly options: Readonly<Record<string, unknown>>;
  readonly metrics = stepMetrics;
  readonly sideInputs: {};

  /** @param read - makes what reads side inputs for the window of the call that runs; nothing where there are none. */
  constructor(options: Readonly<Record<string, unknown>>, read?: ReadViews) {
    this.options = options;
    this.sideInputs = read === undefined ? NO_SIDE_INPUTS : read(this);
  }
}

/** Takes one element on. */
export type Receive = (value: unknown, timestamp: Instant, windows: readonly Window[], pane: Pane) => void;

/** Takes an element on once for each of its windows. */
export function perWindow(receive: Receive): Receive {
  return (value, timestamp, windows, pane) => {
    if (windows.length === 1) receive(value, timestamp, windows, pane);
    else for (const window of windows) receive(value, timestamp, [window], pane);
  };
}
