import type { TaskEither } from "fp-ts/lib/TaskEither.js";
import type { Coder } from "../coders/coder.ts";
import { shortText } from "../errors.ts";
import type { Sink, SinkContext } from "../sink.ts";

/** Writes the elements of one shard, as tasks that may fail; see `SinkWriter`. */
export interface TaskEitherWriter<in T, out E, out C> {
  /** Takes the elements of one bundle, after the bundle has succeeded. */
  readonly write: (values: readonly T[]) => TaskEither<E, void>;
  /** Ends the epoch: makes what was written durable, and answers what `commit` needs to publish it. */
  readonly finish: TaskEither<E, C>;
}

/** What {@link sinkOfTaskEither} takes: a `Sink` in tasks that may fail. */
export interface TaskEitherSink<in T, out E, in out C> {
  /** Names the step. */
  readonly name: string;
  /** How many writers there are; 1 unless given. */
  readonly shards?: number;
  /** Opens a writer. */
  readonly open: (context: SinkContext) => TaskEither<E, TaskEitherWriter<T, E, C>>;
  /** Publishes what was written. Idempotent: after a crash it is called again with the same committables. */
  readonly commit: (committables: readonly C[]) => TaskEither<E, void>;
  /** The coder of what `finish` gives; the structural one unless given. */
  readonly committableCoder?: Coder<C>;
}

/**
 * A sink from tasks. What a task gives as `left` fails the run: as it is if it is an `Error`, else as the `cause` of one.
 *
 * @example
 * ```ts
 * rows.apply(writeTo(sinkOfTaskEither({
 *   name: "Rows",
 *   open: () => TE.right({ write: (rows) => insert(rows), finish: TE.right(undefined) }),
 *   commit: () => TE.right(undefined),
 * })));
 * ```
 */
export function sinkOfTaskEither<T, E, C>({ open, commit, ...others }: TaskEitherSink<T, E, C>): Sink<T, C> {
  return {
    ...others,
    async open(context) {
      const { write, finish } = await valueOf(open(context));
      return { write: (values) => valueOf(write(values)), finish: () => valueOf(finish) };
    },
    commit: (committables) => valueOf(commit(committables)),
  };
}

async function valueOf<E, A>(task: TaskEither<E, A>): Promise<A> {
  const either = await task();
  if (either._tag === "Right") return either.right;
  throw either.left instanceof Error ? either.left : new Error(shortText(either.left), { cause: either.left });
}
