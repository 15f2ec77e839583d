import type { Either } from "fp-ts/lib/Either.js";
import type { TaskEither } from "fp-ts/lib/TaskEither.js";
import type { AsyncContext } from "../contexts.ts";
import { renamed } from "../transform.ts";
import { ptransform, type PCollection, type PTransform } from "../pipeline.ts";
import { asyncMap, type AsyncMapOptions } from "../transforms/async-map.ts";
import { mapEither, type EitherOutputs } from "../transforms/map-either.ts";

/**
 * What went right and what went wrong, apart.
 *
 * Shape: `PCollection<Either<E, A>>` → `{ right: PCollection<A>, left: PCollection<E> }`; time and windows stay.
 *
 * @throws PipelineError `NOT_AN_EITHER` in the run, for an element that is none.
 *
 * @example
 * ```ts
 * const { right, left } = p.apply(create([E.right(1), E.left("x")])).apply(separate()); // right: 1; left: "x"
 * ```
 */
export const separate = <E, A>(): PTransform<PCollection<Either<E, A>>, EitherOutputs<E, A>> =>
  renamed(
    "Separate",
    mapEither((either: Either<E, A>) => either),
  );

/**
 * Turns each element into what a `TaskEither` gives for it.
 *
 * Shape: `PCollection<A>` → `{ right: PCollection<B>, left: PCollection<E> }`, one element for each in one of them, in any order;
 * time and windows stay.
 *
 * @param f - the task of an element. What it gives as `left` is expected; a promise that rejects fails the run.
 * @throws PipelineError as {@link asyncMap}.
 *
 * @example
 * ```ts
 * const { right: pages, left: unreachable } = urls.apply(mapTaskEither(fetchPage, { concurrency: 20, timeout: seconds(10) }));
 * ```
 */
export const mapTaskEither = <A, E, B>(
  f: (element: A, ctx: AsyncContext) => TaskEither<E, B>,
  options: AsyncMapOptions,
): PTransform<PCollection<A>, EitherOutputs<E, B>> =>
  ptransform("MapTaskEither", (elements: PCollection<A>) =>
    elements
      .apply(
        "Run",
        asyncMap((element, ctx) => f(element, ctx)(), options),
      )
      .apply(mapEither((either) => either)),
  );
