import { summaryOf } from "./plain-view.ts";
import { progressBetween, start, type Sample } from "./progress.ts";
import { Screen, type Output, type Terminal } from "./screen.ts";
import { tableOf } from "./table.ts";
import type { View } from "./view.ts";

/** How many samples the pace is measured over: at five a second, the last second. */
const SAMPLES = 5;

/** A table at the bottom of the terminal, drawn again five times a second. */
export function liveView(terminal: Terminal, outputs: readonly Output[]): View {
  const screen = new Screen(terminal, outputs);
  const recent: Sample[] = [start];
  return {
    every: 200,
    update(now) {
      screen.draw(tableOf(progressBetween(recent[0]!, now), screen.rows));
      recent.push(now);
      if (recent.length > SAMPLES) recent.shift();
    },
    end(now, outcome) {
      // Drawn for the last time, so it may be longer than the terminal.
      screen.draw([...tableOf(progressBetween(start, now)), summaryOf(now, outcome)]);
      screen.end();
    },
  };
}
