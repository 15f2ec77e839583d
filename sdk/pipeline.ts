import { expansionOf } from "./transform.ts";

/** A pair of a key and a value. Groupings work on collections of these. */
export type KV<K, V> = readonly [K, V];

/** A pair, typed as one: `kv(word, 1)` where `[word, 1]` would be an array. */
export const kv = <K, V>(key: K, value: V): KV<K, V> => [key, value];

declare const elementType: unique symbol;

/**
 * A collection of elements somewhere in a pipeline: bounded or without end, each element with an event time and a window.
 * It holds nothing itself; it is a place in a graph that a runner fills.
 */
export interface PCollection<out T> {
  /** Never there at run time: it keeps collections of different elements apart for the compiler. */
  readonly [elementType]: () => T;
  /** The path of the step that makes the collection. */
  readonly name: string;
  /** Applies a transform under its own name, and returns what it gives. */
  apply<Out>(transform: PTransform<PCollection<T>, Out>): Out;
  /** Applies a transform under a name that no other step beside it has. */
  apply<Out>(name: string, transform: PTransform<PCollection<T>, Out>): Out;
  /** Applies transforms one after the other, each under its own name. */
  pipe<A>(a: PTransform<PCollection<T>, A>): A;
  /** Applies transforms one after the other, each under its own name. */
  pipe<A, B>(a: PTransform<PCollection<T>, A>, b: PTransform<A, B>): B;
  /** Applies transforms one after the other, each under its own name. */
  pipe<A, B, C>(a: PTransform<PCollection<T>, A>, b: PTransform<A, B>, c: PTransform<B, C>): C;
  /** Applies transforms one after the other, each under its own name. */
  pipe<A, B, C, D>(a: PTransform<PCollection<T>, A>, b: PTransform<A, B>, c: PTransform<B, C>, d: PTransform<C, D>): D;
  /** Applies transforms one after the other, each under its own name. */
  pipe<A, B, C, D, E>(
    a: PTransform<PCollection<T>, A>,
    b: PTransform<A, B>,
    c: PTransform<B, C>,
    d: PTransform<C, D>,
    e: PTransform<D, E>,
  ): E;
  /** Applies transforms one after the other, each under its own name. */
  pipe<A, B, C, D, E, F>(
    a: PTransform<PCollection<T>, A>,
    b: PTransform<A, B>,
    c: PTransform<B, C>,
    d: PTransform<C, D>,
    e: PTransform<D, E>,
    f: PTransform<E, F>,
  ): F;
}

/** A step of a pipeline: a function from its input to its output, which are collections, objects of them, or a pipeline. */
export type PTransform<In, Out> = (input: In) => Out;

/** A pipeline that is being built: where sources are applied. */
export interface Pipeline {
  /** Applies a source under its own name, and returns its collection. */
  apply<Out>(transform: PTransform<Pipeline, Out>): Out;
  /** Applies a source under a name that no other step beside it has. */
  apply<Out>(name: string, transform: PTransform<Pipeline, Out>): Out;
}

/**
 * Names a transform that is made of others, so that its steps have paths such as `CountWords/Split`.
 *
 * A function that is a `const` carries its own name and needs this only to go under another one; an inline arrow,
 * or what a factory returns, has no name and expands in place without it.
 *
 * @param name - the name it has where it is applied without one.
 * @param expand - applies other transforms to its input and returns what they give.
 */
export const ptransform = <In, Out>(name: string, expand: (input: In) => Out): PTransform<In, Out> =>
  expansionOf({ name, spec: undefined, expand });
