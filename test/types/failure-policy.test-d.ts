// The word "then" is the library's; a text under it makes no thenable.
import * as E from "fp-ts/lib/Either.js";
import { pipe } from "fp-ts/lib/function.js";
import {
  asyncMap,
  filter,
  flatMap,
  keyBy,
  map,
  mapEither,
  minutes,
  output,
  parDo,
  partition,
  seconds,
  splitBy,
  withExceptionHandling,
  type DeadLetter,
  type KV,
  type PCollection,
} from "millrace";
import { items, keyed, words, type Item } from "./inputs.ts";
import { is } from "./is.ts";

const backoff = { first: seconds(1), factor: 2, most: minutes(1), jitter: true };
is<PCollection<number>>()(
  words.apply(
    "T",
    withExceptionHandling(
      map((word) => word.length),
      { attempts: 3, backoff, then: "skip" },
    ),
  ),
);
is<PCollection<number>>()(
  words.apply(
    withExceptionHandling(
      map((word) => word.length),
      { then: "fail" },
    ),
  ),
);
{
  const { main, failed } = words.apply(
    "D",
    withExceptionHandling(
      map((word) => word.length),
      { attempts: 3, then: "deadLetter" },
    ),
  );
  is<PCollection<number>>()(main);
  is<PCollection<DeadLetter<string>>>()(failed);
  is<PCollection<string>>()(
    failed.apply(map((d) => d.element + d.step + d.error.name + d.error.message + (d.error.stack ?? "") + d.attempts + d.timestamp)),
  );
}
is<PCollection<number>>()(
  words.pipe(
    withExceptionHandling(
      flatMap((line) => line.split(" ")),
      { then: "skip" },
    ),
    map((word) => word.length),
  ),
);
is<PCollection<Item>>()(
  items.apply(
    withExceptionHandling(
      filter((item) => item.amount > 1),
      { then: "skip" },
    ),
  ),
);
is<PCollection<number>>()(
  pipe(
    words,
    withExceptionHandling(
      asyncMap(async (word) => word.length, { concurrency: 2 }),
      { then: "skip" },
    ),
  ),
);
is<PCollection<KV<string, Item>>>()(
  items.apply(
    withExceptionHandling(
      keyBy((item) => item.user),
      { then: "fail" },
    ),
  ),
);
is<PCollection<number>>()(
  words.apply(
    withExceptionHandling(
      parDo({
        output: output<number>(),
        process(word, ctx) {
          is<string>()(word);
          ctx.output(word.length);
        },
      }),
      { then: "skip" },
    ),
  ),
);
{
  const parsed = keyed.apply(
    withExceptionHandling(
      parDo({
        process([user, item], ctx) {
          ctx.output(user);
          ctx.outputs.odd(item.amount);
        },
        output: output<string>(),
        outputs: { odd: output<number>() },
      }),
      { then: "deadLetter" },
    ),
  );
  is<{
    readonly main: PCollection<string>;
    readonly odd: PCollection<number>;
    readonly failed: PCollection<DeadLetter<KV<string, Item>>>;
  }>()(parsed);
}
{
  const { right, left, failed } = words.apply(
    withExceptionHandling(
      mapEither((word) => (word === "" ? E.left(1) : E.right(word))),
      { then: "deadLetter" },
    ),
  );
  is<PCollection<string>>()(right);
  is<PCollection<number>>()(left);
  is<PCollection<DeadLetter<string>>>()(failed);
}
{
  const { small, failed } = items.apply(
    withExceptionHandling(
      splitBy(["small", "big"], (item) => (item.amount < 3 ? "small" : "big")),
      { then: "deadLetter" },
    ),
  );
  is<PCollection<Item>>()(small);
  is<PCollection<DeadLetter<Item>>>()(failed);
  const { 0: even } = words.apply(
    withExceptionHandling(
      partition(2, (word) => word.length % 2),
      { then: "deadLetter" },
    ),
  );
  is<PCollection<string>>()(even);
}

const lengthOf = (word: string) => word.length;
// @ts-expect-error what happens then?
words.apply(withExceptionHandling(map(lengthOf), { attempts: 3 }));
// @ts-expect-error no such verdict
words.apply(withExceptionHandling(map(lengthOf), { then: "retry" }));
// @ts-expect-error no dead letters, no output for them
is<unknown>()(words.apply(withExceptionHandling(map(lengthOf), { then: "skip" })).failed);
// @ts-expect-error wrong wiring
items.apply(withExceptionHandling(map(lengthOf), { then: "skip" }));
const skip = { then: "skip" } as const;
// @ts-expect-error no such field
// oxfmt-ignore
words.apply(withExceptionHandling(map((word) => word.lenght), skip));
