import { right, type AnyCoder } from "../coders/coder.ts";
import { decodeAll, encodeAll, frame, unframe } from "../coders/frames.ts";
import { structuralCoder } from "../coders/structural.ts";
import { PipelineError, shortText } from "../errors.ts";
import type { Instant } from "../time.ts";
import type { AnyCombineFn, CombineFn } from "./combine-fn.ts";
import { isSettledAtOnce, twoStepsOf } from "./two-steps.ts";

/** The accumulators of the parts, in the order of their fields. */
type Accumulators = unknown[];

/** A combiner that does the work of several on the same inputs; its output has a field for each. */
export interface CompositeCombineFn extends CombineFn<unknown, Accumulators, Readonly<Record<string, unknown>>, unknown> {
  /** The combiners, by field. An engine may run them in a way of its own; the accumulator is a list of theirs in this order. */
  readonly parts: Readonly<Record<string, AnyCombineFn>>;
}

/** Whether a combiner was made of others. */
export const isComposite = (fn: AnyCombineFn): fn is CompositeCombineFn => "parts" in fn;

/** What {@link combineFnOf} takes at run time. */
export type AnyCombine = AnyCombineFn | Readonly<Record<string, AnyCombineFn>>;

/**
 * The one combiner that a user gave, or that does the work of those in the object that the user gave.
 *
 * @param whose - the transform that it was given to.
 * @throws PipelineError `NOT_A_COMBINE_FN` when it is neither.
 */
export function combineFnOf(whose: string, combine: AnyCombine): AnyCombineFn {
  if (isCombineFn(combine)) return combine;
  if (typeof combine !== "object" || combine === null) throw notOne(whose, whose, combine);
  const wrong = Object.entries(combine).find(([, part]) => !isCombineFn(part));
  if (wrong !== undefined) throw notOne(whose, `the field ${wrong[0]} of ${whose}`, wrong[1]);
  if (Object.keys(combine).length === 0) throw notOne(whose, whose, combine);
  return compositeOf(combine as Readonly<Record<string, AnyCombineFn>>);
}

const isCombineFn = (value: unknown): value is AnyCombineFn =>
  typeof value === "object" && value !== null && typeof (value as { readonly create?: unknown }).create === "function";

function notOne(whose: string, place: string, got: unknown): PipelineError {
  return new PipelineError("NOT_A_COMBINE_FN", {
    what: `${place} takes a CombineFn${place === whose ? ", or an object of them" : ""}`,
    got: shortText(got),
    fix: typeof got === "function" ? "call it: count(), not count" : "pass count(), sum(…) or a CombineFn of your own",
  });
}

function compositeOf(parts: Readonly<Record<string, AnyCombineFn>>): CompositeCombineFn {
  const names = Object.keys(parts);
  const fns = Object.values(parts);
  const steps = twoStepsOf(fns);
  const settledLast = fns.map((_, i) => i).toSorted((i, j) => Number(isSettledAtOnce(fns[i]!)) - Number(isSettledAtOnce(fns[j]!)));
  const size = fns.length;
  const readies = steps.map(({ ready }) => ready);
  const settles = steps.map(({ settle }) => settle);
  // One for all inputs: a new one for each would cost more than most parts.
  const waiting: unknown[] = fns.map(() => undefined);

  const addAt = (accumulators: Accumulators, input: unknown, timestamp: Instant): Accumulators => {
    for (const i of settledLast) waiting[i] = readies[i]!(accumulators[i], input, timestamp);
    for (let i = 0; i < size; i++) accumulators[i] = settles[i]!(accumulators[i], waiting[i]);
    return accumulators;
  };
  const record = (valueOf: (i: number) => unknown) => Object.fromEntries(names.map((name, i) => [name, valueOf(i)]));
  return {
    name: names.join(","),
    parts,
    create: () => fns.map((fn) => fn.create() as unknown),
    add: addAt as (accumulators: Accumulators, input: unknown) => Accumulators,
    ...(fns.some((fn) => fn.addAt !== undefined) ? { addAt } : {}),
    merge(a, b) {
      for (let i = 0; i < size; i++) a[i] = fns[i]!.merge(a[i], b[i]);
      return a;
    },
    extract: (accumulators) => record((i) => fns[i]!.extract(accumulators[i])),
    empty: () => record((i) => emptyOf(fns[i]!)),
    ...(fns.some((fn) => fn.accumulatorCoder !== undefined) ? { accumulatorCoder: accumulatorsCoder(fns) } : {}),
  };
}

/** What a combiner gives for no input at all. */
export const emptyOf = (fn: AnyCombineFn): unknown => (fn.empty === undefined ? fn.extract(fn.create()) : fn.empty());

/** Each accumulator by its own coder; many in columns, one for each part. */
function accumulatorsCoder(fns: readonly AnyCombineFn[]): AnyCoder {
  const coders = fns.map((fn): AnyCoder => fn.accumulatorCoder ?? structuralCoder);
  return Object.freeze({
    name: `accumulators(${coders.map((coder) => coder.name ?? "?").join(",")})`,
    encode: (accumulators: Accumulators) => frame(coders.map((coder, i) => coder.encode(accumulators[i]))),
    decode(bytes: Uint8Array) {
      const columns = decodedColumns(bytes, (coder, part) => coder.decode(part));
      return columns._tag === "Left" ? columns : right(columns.right);
    },
    encodeAll: (all: readonly Accumulators[]) =>
      frame(
        coders.map((coder, i) =>
          encodeAll(
            coder,
            all.map((accumulators) => accumulators[i]),
          ),
        ),
      ),
    decodeAll(bytes: Uint8Array) {
      const columns = decodedColumns(bytes, decodeAll);
      if (columns._tag === "Left") return columns;
      const [first, ...others] = columns.right as unknown as readonly [readonly unknown[], ...(readonly unknown[])[]];
      return right(first.map((accumulator, row) => [accumulator, ...others.map((column) => column[row])]));
    },
  });

  function decodedColumns(bytes: Uint8Array, decode: (coder: AnyCoder, part: Uint8Array) => ReturnType<AnyCoder["decode"]>) {
    const framed = unframe(bytes);
    if (framed._tag === "Left") return framed;
    const columns: unknown[] = [];
    for (const [i, coder] of coders.entries()) {
      const column = decode(coder, framed.right[i] ?? new Uint8Array(0));
      if (column._tag === "Left") return column;
      columns.push(column.right);
    }
    return right(columns);
  }
}
