import type { AnyCoder, Coder } from "../coders/coder.ts";
import { mustBeDuration, mustBeTags, mustBeWhole } from "../check.ts";
import { isKeyed, type Answered, type AnyDoFn, type DoFn, type NeedsKeys, type NoOutputDeclared, type OutputSpec } from "../do-fn.ts";
import { PipelineError, shortText } from "../errors.ts";
import { mustAnswerTimers, mustBeKeyed, mustBeStateAndTimers } from "../keyed-do-fn.ts";
import { primitiveWith } from "../transform.ts";
import type { PCollection, PTransform } from "../pipeline.ts";
import { viewsRead } from "../side-input.ts";

/**
 * Declares an output of a {@link DoFn}, with the type of its elements.
 *
 * @param coder - turns its elements into bytes; the structural coder unless given.
 */
export const output = <T>(coder?: Coder<T>): OutputSpec<T> => ({ output: coder });

/** What {@link parDo} gives: its output, or all of them by tag where there are several. */
export type Outputs<O, X> = [keyof X] extends [never]
  ? PCollection<O>
  : { readonly [N in keyof X | "main"]: PCollection<N extends keyof X ? X[N] : O> };

/**
 * A step that is written as an object, for what a function cannot do: prepare itself, work by bundles, give out any number of
 * elements at times of their own, to several outputs, remember something for each key, do something later.
 *
 * Shape: `PCollection<T>` → `PCollection<O>`, or with `outputs` an object `{ main, … }` of a collection for each tag. What
 * `process` gives out has the time and the window of its element unless it says otherwise.
 *
 * @param doFn - see {@link DoFn}. The order of its members does not matter.
 * @throws PipelineError `NOT_A_DO_FN` when `process` is missing; `BAD_NAME` for a tag that is empty or `main`; `BAD_ARGUMENT` for a
 * setting out of range. In the run `BAD_TIMESTAMP` when something is given out earlier than its element by more than
 * `allowedSkew`, `ASYNC_STEP` when `process` gives a promise and is not declared async.
 *
 * @example
 * ```ts
 * const { main: good, bad } = lines.apply("Parse", parDo({
 *   output: output<number>(),
 *   outputs: { bad: output<string>() },
 *   process(line, ctx) {
 *     const value = Number(line);
 *     if (Number.isNaN(value)) ctx.outputs.bad(line);
 *     else ctx.output(value);
 *   },
 * })); // "1", "x" → good: 1; bad: "x"
 * ```
 */
export function parDo<T, S = {}, Tm = {}, SI = {}, O = NoOutputDeclared, X = {}, I = undefined, A extends boolean = false>(
  doFn: DoFn<T, S, Tm, SI, O, X, I, A> & Answered<Tm>,
): PTransform<PCollection<T> & NeedsKeys<T, S, Tm>, Outputs<O, NoInfer<X>>> {
  const checked = mustBeDoFn(doFn as unknown as AnyDoFn);
  const extra = Object.entries((checked.outputs ?? {}) as Readonly<Record<string, OutputSpec<unknown>>>);
  const tags = extra.map(([tag]) => tag);
  mustBeTags(["main", ...tags]);
  mustBeStateAndTimers(checked, tags);
  return primitiveWith(
    nameOf(checked, tags.length > 0),
    (input, at, builder) => {
      mustAnswerTimers(checked, at);
      return {
        spec: {
          kind: "parDo",
          fn: { kind: "doFn", doFn: checked, tags, ...(isKeyed(checked) ? mustBeKeyed(input, at) : {}) },
          sideInputs: viewsRead(builder, input, checked.sideInputs as object | undefined),
        },
        outputs: Object.fromEntries([
          ["main", { coder: (checked.output as OutputSpec<unknown> | undefined)?.output as AnyCoder | undefined }],
          ...extra.map(([tag, spec]) => [tag, { coder: spec.output as AnyCoder | undefined }] as const),
        ]),
      };
    },
    (outputs) => (tags.length === 0 ? outputs["main"] : outputs) as Outputs<O, X>,
  );
}

function mustBeDoFn(doFn: AnyDoFn): AnyDoFn {
  if (typeof doFn !== "object" || doFn === null || typeof doFn.process !== "function") {
    throw new PipelineError("NOT_A_DO_FN", {
      what: "parDo takes an object with a method process(element, ctx)",
      got: shortText(doFn),
      fix: "for a function of the element there are map, flatMap and filter",
    });
  }
  const { async = false, concurrency, timeout, allowedSkew } = doFn;
  if (allowedSkew !== undefined) mustBeDuration("the allowed skew of a DoFn", allowedSkew, 0);
  if (concurrency !== undefined) mustBeWhole("the concurrency of a DoFn", concurrency, 1);
  if (timeout !== undefined) mustBeDuration("the timeout of a DoFn", timeout, 1);
  if (async !== true && (concurrency !== undefined || timeout !== undefined)) {
    throw new PipelineError("BAD_ARGUMENT", {
      what: "concurrency and timeout are for DoFns with async: true",
      fix: "add async: true, or leave them out",
    });
  }
  return doFn;
}

/** As in Beam: `ParDo(Parse)` for an object of the class ParseDoFn or ParseFn, `ParDo` for a plain one, `ParMultiDo(…)` with several outputs. */
function nameOf(doFn: AnyDoFn, hasSeveral: boolean): string {
  const kind = hasSeveral ? "ParMultiDo" : "ParDo";
  const name = (Object.getPrototypeOf(doFn) as { readonly constructor?: { readonly name?: string } } | null)?.constructor?.name ?? "";
  return name === "" || name === "Object" ? kind : `${kind}(${name.replace(/(?<=.)(DoFn|Fn)$/, "")})`;
}
