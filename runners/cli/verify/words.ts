import type { IntervalWindow, Window } from "../../../sdk/windowing.ts";
import { globalWindow } from "../../../sdk/windows/global.ts";
import type { Comparison } from "./compare.ts";

/** What was compared of a step, in words. */
export function whatOf({ subject }: Comparison): "last panes" | "panes" | "elements" {
  if (subject.how === "elements") return "elements";
  return subject.how === "lastPane" ? "last panes" : "panes";
}

/** A window as people write it: `[from, to)` in UTC, or when it ends. */
export function windowText(window: Window): string {
  if (window.maxTimestamp === globalWindow.maxTimestamp) return "the global window";
  const { start, end } = window as Partial<IntervalWindow>;
  if (start === undefined || end === undefined) return `the window that ends at ${instantText(window.maxTimestamp)}`;
  return `[${instantText(start)}, ${instantText(end)})`;
}

const instantText = (instant: number): string => new Date(instant).toISOString();
