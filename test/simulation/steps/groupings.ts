import {
  coGroupByKey,
  combinePerKey,
  count,
  distinct,
  flatten,
  fullJoin,
  groupByKey,
  innerJoin,
  leftJoin,
  map,
  max,
  sum,
  type KV,
} from "millrace";
import { digest, grouped, mod, type Kind } from "./kind.ts";

/** Steps that group, or put collections together. */
export const groupings: Readonly<Record<string, Kind>> = {
  groupByKey: {
    make:
      () =>
      (at, [pairs]) =>
        pairs!.apply(`${at}Group`, groupByKey()).apply(
          at,
          map(([key, all]) => [key, digest(all)] as const),
        ),
    after: grouped,
  },
  combine: {
    make: (choices) => {
      const fanout = choices.pick([undefined, undefined, 3]);
      return (at, [pairs]) =>
        pairs!
          .apply(`${at}Combine`, combinePerKey({ total: sum(), n: count(), best: max() }, fanout === undefined ? {} : { fanout }))
          .apply(
            at,
            map(([key, { total, n, best }]) => [key, mod(total + 11 * n + 13 * best)] as const),
          );
    },
    after: grouped,
  },
  sum: {
    make:
      () =>
      (at, [pairs]) =>
        pairs!.apply(at, combinePerKey(sum())),
    after: grouped,
  },
  distinct: {
    make:
      () =>
      (at, [pairs]) =>
        pairs!
          .apply(
            `${at}Rest`,
            map(([key, n]) => [key, n % 5] as const),
          )
          .apply(at, distinct()),
    after: grouped,
  },
  flatten: { reads: "same windows", make: () => (at, inputs) => flatten(at, inputs) },
  /** What has no partner is told as at the end of a window, and so late where windows stay open for longer than they last. */
  join: {
    reads: "same windows",
    suits: (first, second) => first.emitsOnce && second.emitsOnce && !first.isLenient,
    make: (choices) => {
      const how = choices.pick([innerJoin, leftJoin, fullJoin] as const);
      return (at, [left, right]) =>
        left!.apply(`${at}Join`, (how as typeof fullJoin)(right!)).apply(
          at,
          map(
            ([key, [a, b]]: KV<string, readonly [number | undefined, number | undefined]>) =>
              [key, mod((a ?? 1_000) * 3 + (b ?? 2_000))] as const,
          ),
        );
    },
    after: grouped,
  },
  coGroup: {
    reads: "same windows",
    suits: (first, second) => first.emitsOnce && second.emitsOnce,
    make:
      () =>
      (at, [left, right]) =>
        coGroupByKey(`${at}Group`, { left: left!, right: right! }).apply(
          at,
          map(([key, sides]) => [key, mod(digest(sides.left) * 3 + digest(sides.right))] as const),
        ),
    after: grouped,
  },
};
