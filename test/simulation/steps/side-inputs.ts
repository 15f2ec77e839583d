import { asList, asMultimap, asSingleton, combineGlobally, map, sum, values, wait } from "millrace";
import { digest, mod, type Kind } from "./kind.ts";

/** Steps that read another collection besides. */
export const sideInputs: Readonly<Record<string, Kind>> = {
  list: {
    reads: "any windows",
    suits: (_, side) => !side.merges && side.emitsOnce,
    make:
      () =>
      (at, [pairs, beside]) =>
        pairs!.apply(
          at,
          map(([key, n], { sideInputs: { side } }) => [key, mod(n + digest(side.map(([, each]) => each)))] as const, {
            sideInputs: { side: asList(beside!) },
          }),
        ),
  },
  multimap: {
    reads: "any windows",
    suits: (_, side) => !side.merges && side.emitsOnce,
    make:
      () =>
      (at, [pairs, beside]) =>
        pairs!.apply(
          at,
          map(([key, n], { sideInputs: { side } }) => [key, mod(n + digest(side.get(key) ?? []))] as const, {
            sideInputs: { side: asMultimap(beside!) },
          }),
        ),
  },
  singleton: {
    reads: "any windows",
    suits: (_, side) => !side.merges && side.emitsOnce,
    make:
      () =>
      (at, [pairs, beside]) => {
        const total = beside!.apply(`${at}Values`, values()).apply(`${at}Total`, combineGlobally(sum(), { defaults: false }));
        return pairs!.apply(
          at,
          map(([key, n], { sideInputs: { side } }) => [key, mod(n + side)] as const, {
            sideInputs: { side: asSingleton(total, { default: 500 }) },
          }),
        );
      },
  },
  wait: {
    reads: "any windows",
    suits: (_, side) => !side.merges,
    make:
      () =>
      (at, [pairs, beside]) =>
        pairs!.apply(at, wait(beside!)),
  },
};
