import { answerFor, given } from "../coders/byte-reader.ts";
import { bytesOf, writeSized, type ByteWriter } from "../coders/byte-writer.ts";
import type { AnyCoder } from "../coders/coder.ts";
import { decodeAll, encodeAll } from "../coders/frames.ts";
import { rowCoder } from "../coders/row.ts";
import { structuralCoder } from "../coders/structural.ts";
import { PipelineError, shortText } from "../errors.ts";
import { recordsOf } from "../record.ts";
import type { Instant } from "../time.ts";
import { NO_SIDE_INPUTS, type AnyCombineFn, type CombineCoders, type AnyCombineContext, type CombineFn } from "./combine-fn.ts";
import { isSettledAtOnce, twoStepsOf, type TwoSteps } from "./two-steps.ts";

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
  if (isCombineFn(combine)) return isPlain(combine) ? combine : bound(combine);
  if (typeof combine !== "object" || combine === null) throw notOne(whose, whose, combine);
  const wrong = Object.entries(combine).find(([, part]) => !isCombineFn(part));
  if (wrong !== undefined) throw notOne(whose, `the field ${wrong[0]} of ${whose}`, wrong[1]);
  if (Object.keys(combine).length === 0) throw notOne(whose, whose, combine);
  return compositeOf(combine as Readonly<Record<string, AnyCombineFn>>);
}

const isPlain = (fn: AnyCombineFn): boolean => Object.getPrototypeOf(fn) === Object.prototype;

/** A combiner that is an object of a class, as an object of functions that need no `this`. */
function bound(fn: AnyCombineFn): AnyCombineFn {
  const { name, accumulatorCoder, empty, addAt, codersFor } = fn;
  return {
    name,
    create: () => fn.create() as unknown,
    add: (accumulator, input, ctx) => fn.add(accumulator, input, ctx) as unknown,
    merge: (a, b) => fn.merge(a, b) as unknown,
    extract: (accumulator, ctx) => fn.extract(accumulator, ctx) as unknown,
    ...(empty === undefined ? {} : { empty: () => fn.empty!() as unknown }),
    ...(addAt === undefined
      ? {}
      : {
          addAt: (accumulator: unknown, input: unknown, timestamp: Instant, ctx: AnyCombineContext) =>
            fn.addAt!(accumulator, input, timestamp, ctx) as unknown,
        }),
    ...(codersFor === undefined ? {} : { codersFor: (input: AnyCoder, orEmpty: boolean) => fn.codersFor!(input, orEmpty) }),
    ...(accumulatorCoder === undefined ? {} : { accumulatorCoder: accumulatorCoder as AnyCoder }),
  };
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
  const size = fns.length;
  const add = addingAll(fns);
  const addAt = (accumulators: Accumulators, input: unknown, timestamp: Instant, ctx: AnyCombineContext): Accumulators => {
    add(accumulators, input, timestamp, ctx);
    return accumulators;
  };
  const record = recordsOf(names);
  return {
    name: names.join(","),
    parts,
    create: () => fns.map((fn) => fn.create() as unknown),
    add(accumulators, input, ctx) {
      add(accumulators, input, NaN, ctx);
      return accumulators;
    },
    ...(fns.some((fn) => fn.addAt !== undefined) ? { addAt } : {}),
    merge(a, b) {
      for (let i = 0; i < size; i++) a[i] = fns[i]!.merge(a[i], b[i]);
      return a;
    },
    extract: (accumulators, ctx) => record((i) => fns[i]!.extract(accumulators[i], ctx)),
    empty: () => record((i) => emptyOf(fns[i]!, NO_SIDE_INPUTS)),
    emptyIn: (ctx) => record((i) => emptyOf(fns[i]!, ctx)),
    ...(fns.some((fn) => fn.accumulatorCoder !== undefined) ? { accumulatorCoder: accumulatorsCoder(fns.map(accumulatorCoderOf)) } : {}),
    ...(fns.some((fn) => fn.codersFor !== undefined) ? { codersFor: codersOfParts(parts) } : {}),
  };
}

/** Adds an input to each of the accumulators, or to none where a part throws: all are made ready before the first is settled. */
type Adding = (accumulators: Accumulators, input: unknown, timestamp: Instant, ctx: AnyCombineContext) => void;

function addingAll(fns: readonly AnyCombineFn[]): Adding {
  const steps = twoStepsOf(fns).map(({ ready, settle }, at) => ({ ready, settle, at, isLast: isSettledAtOnce(fns[at]!) }));
  return addingEach(steps.toSorted((a, b) => Number(a.isLast) - Number(b.isLast)));
}

/**
 * Three parts at a time and then the rest, written out: in a loop all parts would be called from one place, which compilers
 * do not inline. For two parts it takes a quarter of the time.
 */
function addingEach(steps: readonly (TwoSteps & { readonly at: number })[]): Adding {
  const [a, b, c] = steps;
  if (a === undefined) return () => {};
  if (b === undefined) {
    return (accumulators, input, timestamp, ctx) => {
      accumulators[a.at] = a.settle(accumulators[a.at], a.ready(accumulators[a.at], input, timestamp, ctx));
    };
  }
  if (c === undefined) {
    return (accumulators, input, timestamp, ctx) => {
      const readyA = a.ready(accumulators[a.at], input, timestamp, ctx);
      const readyB = b.ready(accumulators[b.at], input, timestamp, ctx);
      accumulators[a.at] = a.settle(accumulators[a.at], readyA);
      accumulators[b.at] = b.settle(accumulators[b.at], readyB);
    };
  }
  const addRest = addingEach(steps.slice(3));
  return (accumulators, input, timestamp, ctx) => {
    const readyA = a.ready(accumulators[a.at], input, timestamp, ctx);
    const readyB = b.ready(accumulators[b.at], input, timestamp, ctx);
    const readyC = c.ready(accumulators[c.at], input, timestamp, ctx);
    addRest(accumulators, input, timestamp, ctx);
    accumulators[a.at] = a.settle(accumulators[a.at], readyA);
    accumulators[b.at] = b.settle(accumulators[b.at], readyB);
    accumulators[c.at] = c.settle(accumulators[c.at], readyC);
  };
}

/** What a combiner gives for no input at all. */
export function emptyOf(fn: AnyCombineFn, ctx: AnyCombineContext): unknown {
  if (fn.emptyIn !== undefined) return fn.emptyIn(ctx) as unknown;
  return fn.empty === undefined ? (fn.extract(fn.create(), ctx) as unknown) : (fn.empty() as unknown);
}

const accumulatorCoderOf = (fn: AnyCombineFn): AnyCoder => fn.accumulatorCoder ?? structuralCoder;

/** The coders of each part, where it has some for these inputs. */
const codersOfParts =
  (parts: Readonly<Record<string, AnyCombineFn>>) =>
  (input: AnyCoder, orEmpty: boolean): CombineCoders => {
    const coders = Object.entries(parts).map(([name, fn]) => {
      const { accumulator, output } = fn.codersFor?.(input, orEmpty) ?? { accumulator: accumulatorCoderOf(fn), output: structuralCoder };
      return { name, accumulator, output };
    });
    return {
      accumulator: accumulatorsCoder(coders.map(({ accumulator }) => accumulator)),
      output: rowCoder(Object.fromEntries(coders.map(({ name, output }) => [name, output]))),
    };
  };

/** Each accumulator by its own coder; many in columns, one for each part. */
function accumulatorsCoder(coders: readonly AnyCoder[]): AnyCoder {
  const encodeInto = (accumulators: Accumulators, writer: ByteWriter): void =>
    coders.forEach((coder, i) => writer.part(coder, accumulators[i]));
  return Object.freeze({
    name: `accumulators(${coders.map((coder) => coder.name ?? "?").join(",")})`,
    encode: (accumulators: Accumulators) => bytesOf(encodeInto, accumulators),
    encodeInto,
    decode: (bytes: Uint8Array) => answerFor(bytes, (reader) => coders.map((coder): unknown => reader.part(coder))),
    encodeAll: (all: readonly Accumulators[]) =>
      bytesOf((_, writer) => {
        for (const [i, coder] of coders.entries()) {
          const column = all.map((accumulators) => accumulators[i]);
          writeSized(writer, encodeAll(coder, column));
        }
      }, undefined),
    decodeAll: (bytes: Uint8Array) =>
      answerFor(bytes, (reader) => {
        const columns = coders.map((coder) => given(decodeAll(coder, reader.sized())) as readonly unknown[]);
        return columns[0]!.map((_, row) => columns.map((column) => column[row]));
      }),
  });
}
