import { asMap, generate, map } from "millrace";
import { directRunner } from "millrace/runners/direct";
import { compare } from "./compare.ts";

const ELEMENTS = 5_000_000;
const ENTRIES = 1_000_000;

/** A map of 1 M entries that is read once for each element, as a side input and as a plain `Map`; both are made from nothing. */
export async function sideInput(): Promise<void> {
  // In no order that a cache could make use of.
  const keyOf = (i: number): number => Math.imul(i, 0x9e3779b1) & (2 ** 20 - 1);
  const valueOf = (key: number): number => key % 1_000;
  await compare(`a map side input of ${ENTRIES / 1e6} M entries, ${ELEMENTS / 1e6} M elements`, {
    plain() {
      const values = new Map<number, number>();
      for (let key = 0; key < ENTRIES; key++) values.set(key, valueOf(key));
      let total = 0;
      for (let i = 0; i < ELEMENTS; i++) total += values.get(keyOf(i)) ?? 0;
      return total;
    },
    async ours() {
      let total = 0;
      await directRunner().run((p) => {
        const values = asMap(
          p.apply("Side", generate({ count: ENTRIES })).apply(
            "Pairs",
            map((key) => [key, valueOf(key)] as const),
          ),
        );
        p.apply("Main", generate({ count: ELEMENTS })).apply(
          "Read",
          map(
            (i, ctx) => {
              const value = ctx.sideInputs.values.get(keyOf(i)) ?? 0;
              total += value;
              return value;
            },
            { sideInputs: { values } },
          ),
        );
      });
      return total;
    },
  });
}
