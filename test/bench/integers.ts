import { collect, combineGlobally, filter, generate, map, sum, type Collected } from "millrace";
import { directRunner } from "millrace/runners/direct";
import { compare } from "./compare.ts";

const COUNT = 10_000_000;

/** 10 M integers through map → filter → map → sum, and through eight maps, against loops that do the same. */
export async function integers(): Promise<void> {
  await otherPipelines(60);
  await compare("10 M integers, map → filter → map → sum", {
    plain() {
      let total = 0;
      for (let i = 0; i < COUNT; i++) {
        const x = triple(i);
        if (isKept(x)) total += next(x);
      }
      return [total];
    },
    async ours() {
      let totals!: Collected<number>;
      const result = await directRunner().run((p) => {
        totals = p.apply(generate({ count: COUNT })).pipe(map(triple), filter(isKept), map(next), combineGlobally(sum()), collect());
      });
      return result.collected(totals);
    },
  });
  await compare("10 M integers, 8 maps → sum", {
    plain() {
      let total = 0;
      for (let i = 0; i < COUNT; i++) total += inc8(inc7(inc6(inc5(inc4(inc3(inc2(inc1(i))))))));
      return [total];
    },
    async ours() {
      let totals!: Collected<number>;
      const result = await directRunner().run((p) => {
        totals = p
          .apply(generate({ count: COUNT }))
          .pipe(map(inc1), map(inc2), map(inc3), map(inc4))
          .pipe(map(inc5), map(inc6), map(inc7), map(inc8), combineGlobally(sum()), collect());
      });
      return result.collected(totals);
    },
  });
}

/** A process that has run many pipelines: call sites that all of them share have seen many functions. */
async function otherPipelines(count: number): Promise<void> {
  for (let n = 0; n < count; n++) {
    await directRunner().run((p) => {
      p.apply(generate({ count: 3_000 })).pipe(
        map((x) => x + n),
        filter((x) => x % 2 === 0),
        map((x) => ({ x })),
        map(({ x }) => x),
        combineGlobally(sum()),
      );
    });
  }
}

const triple = (x: number): number => x * 3;
const isKept = (x: number): boolean => x % 7 !== 0;
const next = (x: number): number => x + 1;
const inc1 = (x: number): number => x + 1;
const inc2 = (x: number): number => x + 2;
const inc3 = (x: number): number => x ^ 3;
const inc4 = (x: number): number => x + 4;
const inc5 = (x: number): number => x - 5;
const inc6 = (x: number): number => x + 6;
const inc7 = (x: number): number => x ^ 7;
const inc8 = (x: number): number => x + 8;
