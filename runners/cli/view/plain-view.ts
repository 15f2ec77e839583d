import { grouped, timeText } from "./numbers.ts";
import { progressBetween, start, type Sample, type StepProgress } from "./progress.ts";
import type { Outcome, View } from "./view.ts";

/** Lines for a log: one every five seconds, and one for each step at the end. */
export function plainView(print: (line: string) => void): View {
  let before = start;
  return {
    every: 5_000,
    update(now) {
      print(`${timeText(now.at)}: ${nowLine(progressBetween(before, now))}`);
      before = now;
    },
    end(now, outcome) {
      for (const step of progressBetween(start, now)) print(`${step.path}: ${stepLine(step)}`);
      print(summaryOf(now, outcome));
    },
  };
}

/** Nothing at all. */
export const noView: View = { every: 60_000, update: () => {}, end: () => {} };

const stepLine = ({ in: taken, out, perSecond }: StepProgress): string =>
  `${grouped(taken)} in, ${grouped(out)} out, ${grouped(perSecond)} per second`;

/** The step that has the most to do now stands for all of them. */
function nowLine(steps: readonly StepProgress[]): string {
  const [busiest] = steps.toSorted((a, b) => b.perSecond - a.perSecond);
  return busiest === undefined || busiest.perSecond === 0 ? "nothing moves" : `${busiest.path}: ${stepLine(busiest)}`;
}

/** The last line of a run. */
export function summaryOf({ at }: Sample, { pipeline, state }: Outcome): string {
  switch (state) {
    case "DONE":
      return `${pipeline}: done in ${timeText(at)}`;
    case "CANCELLED":
      return `${pipeline}: cancelled after ${timeText(at)}; nothing was published`;
    case "FAILED":
      return `${pipeline}: failed after ${timeText(at)}`;
  }
}
