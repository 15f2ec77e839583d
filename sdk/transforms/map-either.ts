import type { Either } from "fp-ts/lib/Either.js";
import { PipelineError, shortText } from "../errors.ts";
import type { PCollection, PTransform } from "../pipeline.ts";
import { route } from "./route.ts";

/** What {@link mapEither} gives. */
export interface EitherOutputs<E, B> {
  /** What went right. */
  readonly right: PCollection<B>;
  /** What went wrong, and was expected to. */
  readonly left: PCollection<E>;
}

/**
 * Turns each element into another one, or into what was wrong with it: how expected failures are written.
 *
 * Shape: `PCollection<A>` → `{ right: PCollection<B>, left: PCollection<E> }`, one element for each in one of them; time and
 * windows stay.
 *
 * @param f - gives an `Either` of fp-ts, or an object that looks like one: `{ _tag: "Right", right }` or `{ _tag: "Left", left }`.
 * @throws PipelineError `NOT_AN_EITHER` in the run, when `f` gives something else.
 *
 * @example
 * ```ts
 * import * as E from "fp-ts/lib/Either.js";
 * const parse = (text: string) => (Number.isNaN(Number(text)) ? E.left({ text }) : E.right(Number(text)));
 * const { right: numbers, left: rejected } = lines.apply(mapEither(parse)); // "1", "x" → numbers: 1; rejected: { text: "x" }
 * ```
 */
export function mapEither<A, E, B>(f: (element: A) => Either<E, B>): PTransform<PCollection<A>, EitherOutputs<E, B>> {
  return route(
    "MapEither",
    { tags: ["right", "left"], prepare: f as (element: unknown) => unknown, call: sideOf, unwrap: contentOf, coderOf: () => undefined },
    ({ right, left }) => ({ right: right!, left: left! }),
  );
}

type AnyEither = Either<unknown, unknown>;

function sideOf(value: unknown): number {
  const tag = (value as AnyEither | null | undefined)?._tag;
  if (tag === "Right") return 0;
  if (tag === "Left") return 1;
  throw new PipelineError("NOT_AN_EITHER", {
    what: "the function of mapEither gives an Either",
    got: shortText(value),
    fix: "return E.right(value) or E.left(reason), with E from fp-ts/lib/Either.js",
  });
}

const contentOf = (value: unknown): unknown =>
  (value as AnyEither)._tag === "Right" ? (value as { right: unknown }).right : (value as { left: unknown }).left;
