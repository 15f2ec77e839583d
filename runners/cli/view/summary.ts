import { bytesText, grouped, timeText } from "./numbers.ts";
import type { Sample } from "./progress.ts";
import type { Shape } from "./shape.ts";
import { totalsOf } from "./totals.ts";
import type { Outcome } from "./view.ts";

/** The last line of a run, for people: how it ended, after how long, and what it has read and written. */
export function summaryOf(now: Sample, shape: Shape, { pipeline, state }: Outcome): string {
  switch (state) {
    case "DONE":
      return `${pipeline}: done in ${timeText(now.at)}${amountsOf(now, shape)}`;
    case "STOPPED":
    case "DRAINED":
      return `${pipeline}: ${state === "STOPPED" ? "stopped" : "drained"} after ${timeText(now.at)}${amountsOf(now, shape)}`;
    case "CANCELLED":
      return `${pipeline}: cancelled after ${timeText(now.at)}; nothing was published`;
    case "FAILED":
      return `${pipeline}: failed after ${timeText(now.at)}`;
  }
}

function amountsOf(now: Sample, shape: Shape): string {
  const { read, bytes, written, dropped, skipped, failed } = totalsOf(now, shape);
  const amounts = [
    ...(shape.reads.size === 0 ? [] : [`read ${elementsText(read)}${bytes === 0 ? "" : ` (${bytesText(bytes)})`}`]),
    ...(shape.sinks.size === 0 ? [] : [`wrote ${elementsText(written)}`]),
    ...(dropped === 0 ? [] : [`dropped ${grouped(dropped)}`]),
    ...(skipped === 0 ? [] : [`skipped ${grouped(skipped)}`]),
    ...(failed === 0 ? [] : [`${grouped(failed)} failed`]),
  ];
  return amounts.length === 0 ? "" : `; ${amounts.join(", ")}`;
}

const elementsText = (count: number): string => `${grouped(count)} element${count === 1 ? "" : "s"}`;
