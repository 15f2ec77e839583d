import * as D from "fp-ts/lib/Date.js";
import * as E from "fp-ts/lib/Either.js";
import type { Eq } from "fp-ts/lib/Eq.js";
import * as N from "fp-ts/lib/number.js";
import * as O from "fp-ts/lib/Option.js";
import * as Semigroup from "fp-ts/lib/Semigroup.js";
import * as S from "fp-ts/lib/string.js";
import * as TE from "fp-ts/lib/TaskEither.js";
import { combineGlobally, combinePerKey, count, create, max, min, top, writeTo, type KV, type PCollection } from "millrace";
import {
  byOrd,
  combineMonoid,
  combineSemigroup,
  compact,
  distinctByEq,
  filterMapOption,
  mapTaskEither,
  orNone,
  separate,
  sinkOfTaskEither,
} from "millrace/fp";
import { items, keyed, limit, p, rates, words, type Item } from "./inputs.ts";
import { is } from "./is.ts";

is<PCollection<number>>()(limit.apply(combineGlobally(combineMonoid(N.MonoidSum))));
is<PCollection<number>>()(items.apply(combineGlobally(combineMonoid(N.MonoidSum, (item) => item.amount))));
is<PCollection<KV<string, { total: number; n: number }>>>()(
  keyed.apply(combinePerKey({ total: combineMonoid(N.MonoidSum, (item: Item) => item.amount), n: count() })),
);
is<PCollection<number | undefined>>()(limit.apply(combineGlobally(combineSemigroup(Semigroup.max(N.Ord)))));
is<PCollection<KV<string, number>>>()(rates.apply(combinePerKey(combineSemigroup(Semigroup.max(N.Ord)))));
is<PCollection<Item | undefined>>()(items.apply(combineGlobally(max(byOrd(N.Ord, (item) => item.amount)))));
is<PCollection<string | undefined>>()(words.apply(combineGlobally(min(byOrd(S.Ord)))));
is<PCollection<readonly Item[]>>()(
  items.apply(
    combineGlobally(
      top(
        3,
        byOrd(D.Ord, (item) => new Date(item.at)),
      ),
    ),
  ),
);
is<PCollection<O.Option<number>>>()(items.apply(combineGlobally(orNone(max("amount")))));
declare const sameUser: Eq<Item>;
is<PCollection<Item>>()(items.apply(distinctByEq(sameUser)));
is<PCollection<Item>>()(items.apply(distinctByEq(sameUser, (item) => item.user.length)));
is<PCollection<number>>()(words.apply(filterMapOption((word) => (word === "" ? O.none : O.some(word.length)))));
is<PCollection<number>>()(p.apply(create<O.Option<number>>([O.some(1), O.none])).apply(compact()));
{
  const { right, left } = p.apply(create<E.Either<string, number>>([E.right(1), E.left("x")])).apply(separate());
  is<PCollection<number>>()(right);
  is<PCollection<string>>()(left);
}
{
  const { right, left } = words.apply(
    mapTaskEither((word) => (word === "" ? TE.left({ bad: word }) : TE.right(word.length)), { concurrency: 2 }),
  );
  is<PCollection<number>>()(right);
  is<PCollection<{ bad: string }>>()(left);
}
is<PCollection<number>>()(
  words.apply(
    writeTo(
      sinkOfTaskEither<string, Error, number>({
        name: "N",
        open: ({ shard }) => TE.right({ write: () => TE.right(undefined), finish: TE.right(shard) }),
        commit: () => TE.right(undefined),
      }),
    ),
  ),
);
// @ts-expect-error an order of other elements
words.apply(combineGlobally(max(byOrd(N.Ord))));
// @ts-expect-error an Eq of other elements
words.apply(distinctByEq(sameUser));
