export { combineMonoid, combineSemigroup } from "./combine.ts";
export { mapTaskEither, separate } from "./either.ts";
export { distinctByEq } from "./eq.ts";
export { compact, filterMapOption, orNone } from "./option.ts";
export { byOrd } from "./ord.ts";
export { sinkOfTaskEither, type TaskEitherSink, type TaskEitherWriter } from "./sink.ts";
