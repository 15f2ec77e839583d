import { stringCoder } from "../../../sdk/coders/string.ts";
import type { PCollection, PTransform } from "../../../sdk/pipeline.ts";
import { create } from "../../../sdk/transforms/create.ts";
import { filter } from "../../../sdk/transforms/filter.ts";
import { map } from "../../../sdk/transforms/map.ts";
import { output, parDo } from "../../../sdk/transforms/par-do.ts";
import { withCoder } from "../../../sdk/transforms/with-coder.ts";
import { caseModule } from "../case-module.ts";
import { refusingCoder, withTime } from "./support.ts";

/** Writes to its outputs in another order than they are declared in, and to one of them never. */
const labelled = () =>
  parDo({
    output: output<string>(),
    outputs: { t3: output<string>(), t1: output<string>(), unused: output<string>(), t2: output<string>() },
    process(n: number, ctx) {
      ctx.output(`p:${n}`);
      ctx.outputs.t1(`t1: p:${n}`);
      ctx.outputs.t2(`t2: p:${n}`);
      ctx.outputs.t3(`t3: p:${n}`);
    },
  });

/** A main output, and one whose coder takes no value. */
const withRefusingOutput = () =>
  parDo({
    output: output<number>(),
    outputs: { other: output<string>(refusingCoder()) },
    process(n: number, ctx) {
      ctx.output(n);
      ctx.outputs.other(`other ${n}`);
    },
  });

const multiplesOf = (divisor: number): PTransform<PCollection<number>, PCollection<number>> => filter((n) => n % divisor === 0);

const labels = (prefix: string): readonly string[] => [3, -42, 666].map((n) => `${prefix}p:${n}`);

/** Several outputs: section OUT of the catalogue. */
export const outputCases = caseModule(import.meta.url, {
  "OUT-01": {
    title: "elements go to the output that they are given to, whatever the order of the tags",
    build: (p) => p.apply(create([3, -42, 666])).apply(labelled()),
    expected: { main: labels(""), t1: labels("t1: "), t2: labels("t2: "), t3: labels("t3: "), unused: [] },
  },
  "OUT-02": {
    title: "no elements give empty outputs",
    build: (p) => p.apply(create<number>([])).apply(labelled()),
    expected: { main: [], t1: [], t2: [], t3: [], unused: [] },
  },
  "OUT-03": {
    title: "the main output may be left empty",
    build: (p) =>
      p.apply(create([3, -42, 666])).apply(
        parDo({
          output: output<number>(),
          outputs: { t: output<number>() },
          process: (n, ctx) => ctx.outputs.t(n),
        }),
      ),
    expected: { main: [], t: [3, -42, 666] },
  },
  "OUT-06": {
    title: "outputs can be worked on like any collection",
    build(p) {
      const { by2, by3 } = p.apply(create([3, 4, 5, 6])).apply(
        parDo({
          outputs: { by2: output<number>(), by3: output<number>() },
          process(n, ctx) {
            if (n % 2 === 0) ctx.outputs.by2(n);
            if (n % 3 === 0) ctx.outputs.by3(n);
          },
        }),
      );
      return { by2: by2.apply("Then3", multiplesOf(3)), by3: by3.apply("Then2", multiplesOf(2)) };
    },
    expected: { by2: [6], by3: [6] },
  },
  "OUT-07": {
    title: "an element may go to the main output and to another one",
    build: (p) =>
      p.apply(create([1, 2, 3])).apply(
        parDo({
          output: output<number>(),
          outputs: { even: output<number>(), odd: output<number>() },
          process(n, ctx) {
            ctx.output(n);
            ctx.outputs[n % 2 === 0 ? "even" : "odd"](n);
          },
        }),
      ),
    expected: { main: [1, 2, 3], even: [2], odd: [1, 3] },
  },
  "OUT-07/lazy": {
    title: "outputs are found as they are written to, and asked for by name",
    build(p) {
      const outputs = p.apply(create([1, 2, 3])).apply(
        parDo({
          output: output<number>(),
          process(n, ctx) {
            ctx.output(n);
            (ctx.outputs as Readonly<Record<string, (value: number) => void>>)[n % 2 === 0 ? "even" : "odd"]!(n);
          },
        }),
      );
      const { even, odd } = outputs as unknown as Readonly<Record<"even" | "odd", PCollection<number>>>;
      return { main: outputs, even, odd };
    },
    expected: { main: [1, 2, 3], even: [2], odd: [1, 3] },
  },
  "OUT-08": {
    title: "an element may go to several outputs, or to none",
    build: (p) =>
      p.apply(create(["x", "y", "xy"])).apply(
        parDo({
          outputs: { x: output<string>(), y: output<string>() },
          process(text, ctx) {
            if (text.includes("x")) ctx.outputs.x(text);
            if (text.includes("y")) ctx.outputs.y(text);
          },
        }),
      ),
    expected: { main: [], x: ["x", "xy"], y: ["y", "xy"] },
  },
  "OUT-09": {
    title: "the coder of an output that nobody reads is not needed",
    build: (p) =>
      p
        .apply(create([1, 2]))
        .apply(withRefusingOutput())
        .main.apply(map((n) => n * 10)),
    expected: [10, 20],
  },
  "OUT-09/later": {
    title: "the coder of an output may be given after another one was used",
    build(p) {
      const { main, other } = p.apply(create([1, 2])).apply(withRefusingOutput());
      return { main: main.apply(map((n) => n * 10)), other: other.apply(withCoder(stringCoder)) };
    },
    expected: { main: [10, 20], other: ["other 1", "other 2"] },
  },
  "OUT-09/never": {
    title: "an output that is read and has no coder for its elements fails the run",
    build: (p) => p.apply(create([1, 2])).apply(withRefusingOutput()).other,
    fails: /^NOT_ENCODABLE/,
  },
  "OUT-10": {
    title: "elements of another output may have times of their own",
    build: (p) =>
      p
        .apply(create([3, 42, 6]))
        .apply(parDo({ outputs: { t: output<string>() }, process: (n, ctx) => ctx.outputs.t("t", { timestamp: n }) }))
        .t.apply(withTime()),
    expected: [3, 42, 6].map((timestamp) => [timestamp, "t"]),
  },
});
