import type { AnyCoder } from "../coders/coder.ts";
import { kvCoder } from "../coders/kv.ts";
import { structuralCoder } from "../coders/structural.ts";
import { mustBeDuration, mustBeTags } from "../check.ts";
import type { NoOutputDeclared, OutputSpec } from "../do-fn.ts";
import { PipelineError, shortText } from "../errors.ts";
import { ptransform, type PCollection, type PTransform } from "../pipeline.ts";
import { viewsRead } from "../side-input.ts";
import type { OffsetRange } from "../source.ts";
import type { AnySplittableDoFn, SplittableDoFn } from "../splittable.ts";
import { primitive, primitiveWith } from "../transform.ts";
import type { Outputs } from "./par-do.ts";
import { mustBePolicy } from "../watermark.ts";

/**
 * A step whose work on one element is cut into parts: for what is large, such as a file, and for what has no end, such as a file
 * that grows. Parts are worked on apart, on all threads, and are put aside and taken up again.
 *
 * Shape: `PCollection<T>` → `PCollection<O>`, or with `outputs` an object `{ main, … }` of a collection for each tag. The output is
 * unbounded with `unbounded: true`.
 *
 * @param doFn - see {@link SplittableDoFn}.
 * @throws PipelineError `NOT_A_DO_FN` when `process` or `restriction` is missing; `BAD_NAME` for a tag that is empty or `main`;
 * `BAD_ARGUMENT` when its watermark is no policy. In the run: `BAD_CLAIM` when positions go down or lie before the part,
 * `RESTRICTION_NOT_DONE` when `process` returns before all of its part is claimed, `BAD_WATERMARK` when an estimator goes back.
 *
 * @example
 * ```ts
 * create(["a", "ccc"]).apply(splittable({
 *   output: output<string>(),
 *   restriction: (word: string) => ({ from: 0, to: word.length }),
 *   process(word, { restriction, tracker, output }) {
 *     for (let i = restriction.from; tracker.tryClaim(i); i++) output(`${word}${i}`);
 *   },
 * })); // a0, ccc0, ccc1, ccc2
 * ```
 */
export function splittable<T, R extends OffsetRange, SI = {}, O = NoOutputDeclared, X = {}, I = undefined, const U extends boolean = false>(
  doFn: SplittableDoFn<T, R, SI, O, X, I, U>,
): PTransform<PCollection<T>, Outputs<O, NoInfer<X>>> {
  const checked = mustBeSplittable(doFn as unknown as AnySplittableDoFn);
  const extra = Object.entries((checked.outputs ?? {}) as Readonly<Record<string, OutputSpec<unknown>>>);
  const tags = extra.map(([tag]) => tag);
  mustBeTags(["main", ...tags]);
  const coderOf = (spec: OutputSpec<unknown> | undefined): AnyCoder | undefined => spec?.output as AnyCoder | undefined;
  const isBounded = checked.unbounded === true ? { isBounded: false } : {};
  const of = { kind: "doFn", doFn: checked, tags } as const;
  const split = primitive<PCollection<unknown>, unknown>("Split", ({ coder }) => ({
    kind: "parDo",
    fn: { kind: "split", of },
    output: { coder: kvCoder(coder, structuralCoder) as AnyCoder },
  }));
  const process = primitiveWith<PCollection<unknown>, Outputs<O, NoInfer<X>>>(
    "Process",
    (input, _at, builder) => ({
      spec: { kind: "parDo", fn: { kind: "read", of }, sideInputs: viewsRead(builder, input, checked.sideInputs as object | undefined) },
      outputs: Object.fromEntries([
        ["main", { coder: coderOf(checked.output as OutputSpec<unknown> | undefined), ...isBounded }],
        ...extra.map(([tag, spec]) => [tag, { coder: coderOf(spec), ...isBounded }] as const),
      ]),
    }),
    (outputs) => (tags.length === 0 ? outputs["main"] : outputs) as Outputs<O, NoInfer<X>>,
  );
  return ptransform("Splittable", (input: PCollection<T>) => (input as PCollection<unknown>).apply(split).apply(process));
}

function mustBeSplittable(doFn: AnySplittableDoFn): AnySplittableDoFn {
  if (typeof doFn !== "object" || doFn === null || typeof doFn.process !== "function" || typeof doFn.restriction !== "function") {
    throw new PipelineError("NOT_A_DO_FN", {
      what: "splittable takes an object with the methods restriction(element) and process(element, ctx)",
      got: shortText(doFn),
      fix: "where the work on an element is not cut into parts there is parDo",
    });
  }
  const { allowedSkew, idleTimeout, watermark } = doFn;
  if (allowedSkew !== undefined) mustBeDuration("the allowed skew of a DoFn", allowedSkew, 0);
  if (idleTimeout !== undefined) mustBeDuration("the idle timeout of a DoFn", idleTimeout, 1);
  if (watermark !== undefined) mustBePolicy(watermark, "the watermark of a DoFn is a policy, which finds it", "splittable");
  return doFn;
}
