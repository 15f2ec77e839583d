/* oxlint-disable unicorn/no-thenable -- the word `then` of a failure policy */
import { asyncMap, filter, flatMap, flatten, keyBy, map, output, reshuffle, splittable, withExceptionHandling, type KV } from "millrace";
import { Attempts, mod, onNumbers, type Kind } from "./kind.ts";

/** Steps that work element by element. */
export const elementWise: Readonly<Record<string, Kind>> = {
  map: {
    make: (choices) => {
      const [a, b] = [choices.between(1, 5), choices.below(9)];
      return (at, [pairs]) =>
        pairs!.apply(
          at,
          onNumbers(([, n]) => mod(n * a + b)),
        );
    },
  },
  filter: {
    make: (choices) => {
      const rest = choices.below(4);
      return (at, [pairs]) =>
        pairs!.apply(
          at,
          filter(([, n]) => n % 4 !== rest),
        );
    },
  },
  flatMap: {
    make:
      () =>
      (at, [pairs]) =>
        pairs!.apply(
          at,
          flatMap(([key, n]) => (n % 3 === 0 ? [[key, n] as const, [`${key}x`.slice(0, 2), mod(n + 1)] as const] : [[key, n] as const])),
        ),
  },
  rekey: {
    make: (choices) => {
      const keys = choices.between(1, 4);
      return (at, [pairs]) =>
        pairs!
          .apply(
            `${at}Key`,
            keyBy(([, n]) => `k${n % keys}`),
          )
          .apply(
            at,
            map(([key, [, n]]) => [key, n] as const),
          );
    },
  },
  reshuffle: {
    make:
      () =>
      (at, [pairs]) =>
        pairs!.apply(at, reshuffle()),
  },
  splittable: {
    make:
      () =>
      (at, [pairs]) =>
        pairs!.apply(
          at,
          splittable({
            output: output<KV<string, number>>(),
            restriction: ([, n]: KV<string, number>) => ({ from: 0, to: n % 4 }),
            process([key, n], { restriction, tracker, output: emit }) {
              for (let i = restriction.from; tracker.tryClaim(i); i++) emit([key, mod(n + i)]);
            },
          }),
        ),
  },
  async: {
    make: (choices) => {
      const concurrency = choices.between(1, 3);
      return (at, [pairs]) => {
        const attempts = new Attempts();
        const calling = asyncMap(
          async (pair: KV<string, number>) => {
            for (let i = 0; i < pair[1] % 3; i++) await Promise.resolve();
            if (pair[1] % 5 === 0 && attempts.of(pair) === 1) throw new Error("not yet");
            return [pair[0], mod(pair[1] + 3)] as const;
          },
          { concurrency },
        );
        return pairs!.apply(at, withExceptionHandling(calling, { attempts: 2, backoff: { first: 5 }, then: "fail" }));
      };
    },
  },
  flaky: {
    make:
      () =>
      (at, [pairs]) => {
        const attempts = new Attempts();
        const failing = map(([key, n]: KV<string, number>) => {
          if (n % 3 === 0 && attempts.of([key, n]) % 2 === 1) throw new Error("not yet");
          return [key, mod(n + 2)] as const;
        });
        return pairs!.apply(at, withExceptionHandling(failing, { attempts: 2, then: "fail" }));
      },
  },
  deadLetters: {
    make:
      () =>
      (at, [pairs]) => {
        const failing = map(([key, n]: KV<string, number>) => {
          if (n % 4 === 1) throw new Error("never");
          return [key, n] as const;
        });
        const { main, failed } = pairs!.apply(at, withExceptionHandling(failing, { attempts: 2, then: "deadLetter" }));
        const letters = failed.apply(
          `${at}Letters`,
          map(({ element: [key, n], attempts: tried }) => [`${key}!`, mod(n * tried)] as const),
        );
        return flatten(`${at}All`, [main, letters]);
      },
  },
  /** A bundle that fails and is run again, where nothing but its inputs is needed for that. */
  poison: {
    make:
      () =>
      (at, [pairs], { failsBundles }) => {
        const attempts = new Attempts();
        return pairs!.apply(`${at}Spread`, reshuffle()).apply(
          at,
          onNumbers(([key, n]) => {
            if (failsBundles && n % 5 === 2 && attempts.of([key, n]) === 1) throw new Error("this bundle fails");
            return mod(n + 4);
          }),
        );
      },
  },
};
