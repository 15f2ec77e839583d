import type { KV, PCollection, PTransform } from "../../../sdk/pipeline.ts";
import { minutes } from "../../../sdk/time.ts";
import { groupByKey } from "../../../sdk/transforms/group-by-key.ts";
import { keyBy } from "../../../sdk/transforms/key-by.ts";
import { output, parDo } from "../../../sdk/transforms/par-do.ts";
import { values } from "../../../sdk/transforms/values.ts";
import { windowInto } from "../../../sdk/transforms/window-into.ts";
import { withKeys } from "../../../sdk/transforms/with-keys.ts";
import type { IntervalWindow } from "../../../sdk/windowing.ts";
import { fixedWindows } from "../../../sdk/windows/fixed.ts";
import { caseModule } from "../case-module.ts";
import { at, createAt, sortedGroups, withTime, withWindow } from "./support.ts";

const times = [1, 2, 5, 9, 10, 11, 100];

/** What is in each window, in order. */
const byWindow = (): PTransform<PCollection<number>, PCollection<KV<string, readonly number[]>>> => (numbers) =>
  numbers.pipe(withKeys("k"), groupByKey(), sortedGroups(), values(), withWindow());

/** Windows: section WIN of the catalogue. */
export const windowCases = caseModule(import.meta.url, {
  "WIN-01": {
    title: "fixed windows",
    build: (p) => p.apply(createAt(times.map((t) => at(t, t)))).pipe(windowInto(fixedWindows(10)), byWindow()),
    expected: [
      ["[0,10)", [1, 2, 5, 9]],
      ["[10,20)", [10, 11]],
      ["[100,110)", [100]],
    ],
  },
  "WIN-02": {
    title: "fixed windows with an offset, and a window that reaches before the epoch",
    build: (p) => p.apply(createAt(times.map((t) => at(t, t)))).pipe(windowInto(fixedWindows(10, 5)), byWindow()),
    expected: [
      ["[-5,5)", [1, 2]],
      ["[5,15)", [5, 9, 10, 11]],
      ["[95,105)", [100]],
    ],
  },
  "WIN-28": {
    title: "a group's time is the end of its window",
    build: (p) =>
      p.apply(createAt([at(0, "k"), at(10, "k")])).pipe(
        windowInto(fixedWindows(minutes(10))),
        keyBy((k) => k),
        groupByKey(),
        sortedGroups(),
        withTime(),
      ),
    expected: [[599_999, ["k", ["k", "k"]]]],
  },
  "WIN-30": {
    title: "a DoFn that looks at its window sees the element's own",
    build: (p) =>
      p
        .apply(createAt([0, 1, 2, 3, 4, 5, 6, 7, 8, 9].map((t) => at(t, t))))
        .pipe(
          windowInto(fixedWindows(5)),
          parDo({ output: output<number>(), process: (n, ctx) => ctx.output(n * (ctx.window as IntervalWindow).start) }),
        ),
    expected: [0, 0, 0, 0, 0, 25, 30, 35, 40, 45],
  },
});
