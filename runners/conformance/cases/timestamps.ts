import type { KV, PCollection, PTransform } from "../../../sdk/pipeline.ts";
import { MIN_INSTANT, minutes, type Duration, type Instant } from "../../../sdk/time.ts";
import { create } from "../../../sdk/transforms/create.ts";
import { map } from "../../../sdk/transforms/map.ts";
import { output, parDo } from "../../../sdk/transforms/par-do.ts";
import { windowInto } from "../../../sdk/transforms/window-into.ts";
import { fixedWindows } from "../../../sdk/windows/fixed.ts";
import { intervalWindow } from "../../../sdk/windows/interval.ts";
import { caseModule } from "../case-module.ts";
import { mustHold } from "../checks.ts";
import { at, createAt, windowText, withTime } from "./support.ts";

/** Gives each number out at the time that it names. */
const atItself = () => parDo({ output: output<number>(), process: (n: number, ctx) => ctx.output(n, { timestamp: n }) });

/** Gives each element out at another time. */
const shifted = <T>(by: Duration, allowedSkew?: Duration) =>
  parDo({
    ...(allowedSkew === undefined ? {} : { allowedSkew }),
    output: output<T>(),
    process: (element: T, ctx) => ctx.output(element, { timestamp: ctx.timestamp + by }),
  });

/** Three numbers at the times that they name, and then at others. */
const threeShifted = (by: Duration, allowedSkew?: Duration): PTransform<PCollection<number>, PCollection<KV<Instant, number>>> => {
  return (numbers) => numbers.pipe(atItself(), shifted(by, allowedSkew), withTime());
};

/** Event times, and how far back they may be moved: section TS of the catalogue. */
export const timestampCases = caseModule(import.meta.url, {
  "TS-01": {
    title: "an element has the time that it was given out with, and keeps it",
    build: (p) => p.apply(create([3, 42, 6])).apply(threeShifted(0)),
    expected: [3, 42, 6].map((n) => [n, n]),
  },
  "TS-02": {
    title: "a time may lie before that of the input by as much as the allowed skew",
    build: (p) => p.apply(create([3, 42, 6])).apply(threeShifted(-1_000, 1_000)),
    expected: [
      [-997, 3],
      [-958, 42],
      [-994, 6],
    ],
  },
  "TS-03": {
    title: "a time that lies further back fails the run, and the error names the times and the skew",
    build: (p) => p.apply(create([3, 42, 6])).apply(threeShifted(-1_001, 1_000)),
    fails:
      /^BAD_TIMESTAMP.*no earlier than the input's timestamp minus the allowed skew[^]*(-998\b.*\b3|-959\b.*\b42|-995\b.*\b6)\b.*\b1000\b/,
  },
  "TS-04": {
    title: "no skew is allowed unless one is declared",
    build: (p) => p.apply(create([3, 42, 6])).apply(threeShifted(-1_001)),
    fails: /^BAD_TIMESTAMP.*no earlier than/,
  },
  "TS-04/epoch": {
    title: "no skew is allowed at the epoch either",
    build: (p) => p.apply(create([0])).pipe(atItself(), shifted(-1)),
    fails: /^BAD_TIMESTAMP.*no earlier than/,
  },
  "TS-04/same": {
    title: "the time of the input itself needs no skew",
    build: (p) => p.apply(create([0])).pipe(atItself(), shifted(0, 0), withTime()),
    expected: [[0, 0]],
  },
  "TS-05": {
    title: "a time within the skew is fine",
    build: (p) => p.apply(create([0])).pipe(atItself(), shifted(minutes(-5), minutes(10)), withTime()),
    expected: [[-300_000, 0]],
  },
  "TS-05/beyond": {
    title: "a time far beyond the skew fails the run",
    build: (p) => p.apply(create([0])).pipe(atItself(), shifted(minutes(-60), minutes(10))),
    fails: /^BAD_TIMESTAMP.*no earlier than/,
  },
  "TS-10": {
    title: "what finishBundle gives out is at the time and in the window that it names",
    build: (p) =>
      p.apply(createAt([at(1, "elem")])).pipe(
        windowInto(fixedWindows(1)),
        parDo({
          output: output<string>(),
          process: (element, ctx) => ctx.output(element),
          finishBundle: (ctx) => ctx.output("finish", { timestamp: 3, window: intervalWindow(3, 4) }),
        }),
        map((element, { timestamp, window }) => `${element}:${timestamp}:${windowText(window)}`),
      ),
    check({ main = [] }) {
      mustHold([...new Set(main)], ["elem:1:[1,2)", "finish:3:[3,4)"]);
      mustHold(
        main.filter((each) => each !== "finish:3:[3,4)"),
        ["elem:1:[1,2)"],
      );
    },
  },
  "TS-11": {
    title: "created elements are at the beginning of time, and what a step gives out is at the time of its input",
    build(p) {
      const passOn = parDo({ output: output<string>(), process: (element: string, ctx) => ctx.output(element) });
      return {
        created: p.apply("Created", create(["a"])).apply("CreatedTime", withTime()),
        passedOn: p
          .apply("At5", createAt([at(5, "b")]))
          .apply(passOn)
          .apply("PassedTime", withTime()),
      };
    },
    expected: { created: [[MIN_INSTANT, "a"]], passedOn: [[5, "b"]] },
  },
});
