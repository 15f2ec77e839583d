import { kv } from "../../../sdk/pipeline.ts";
import { create } from "../../../sdk/transforms/create.ts";
import { groupByKey } from "../../../sdk/transforms/group-by-key.ts";
import { keyBy } from "../../../sdk/transforms/key-by.ts";
import { map } from "../../../sdk/transforms/map.ts";
import { output, parDo } from "../../../sdk/transforms/par-do.ts";
import { windowInto } from "../../../sdk/transforms/window-into.ts";
import { fixedWindows } from "../../../sdk/windows/fixed.ts";
import { caseModule } from "../case-module.ts";
import { at, createAt } from "./support.ts";

const notGrouped = { timing: "UNKNOWN", index: 0, nonSpeculativeIndex: 0, isFirst: true, isLast: true };
const only = { ...notGrouped, timing: "ON_TIME" };

/** Panes: section PANE of the catalogue. */
export const paneCases = caseModule(import.meta.url, {
  "PANE-32": {
    title: "elements that went through no grouping have a pane of their own",
    build(p) {
      const letters = p.apply(create(["a"]));
      const paneOf = parDo({ output: output<unknown>(), process: (_: string, ctx) => ctx.output({ ...ctx.pane }) });
      return {
        created: letters.apply("OfCreated", paneOf),
        mapped: letters.apply(parDo({ output: output<string>(), process: (letter, ctx) => ctx.output(letter) })).apply("OfMapped", paneOf),
      };
    },
    expected: { created: [notGrouped], mapped: [notGrouped] },
  },
  "PANE-37+": {
    title: "a window that fires once has one pane: on time, first and last",
    build: (p) =>
      p.apply(createAt([at(3, "a"), at(17, "a")])).pipe(
        windowInto(fixedWindows(10)),
        keyBy((k) => k),
        groupByKey(),
        map((_, { pane, timestamp }) => kv(timestamp, { ...pane })),
      ),
    expected: [9, 19].map((timestamp) => [timestamp, only]),
  },
});
