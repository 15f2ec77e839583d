/** A result, or a promise of one where something had to be waited for. */
export type MaybePromise<A> = A | Promise<A>;

/** Goes on with a result: at once where it is there, so that what never waits stays synchronous. */
export function andThen<A, B>(result: MaybePromise<A>, next: (result: A) => MaybePromise<B>): MaybePromise<B> {
  return result instanceof Promise ? result.then(next) : next(result);
}
