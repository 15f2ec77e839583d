import { collect, combineGlobally, filter, generate, map, sum, type Collected } from "millrace";
import { directRunner } from "millrace/runners/direct";
const COUNT = 40_000_000;
const triple = (x: number): number => x * 3;
const isKept = (x: number): boolean => x % 7 !== 0;
const next = (x: number): number => x + 1;
for (let r = 0; r < 4; r++) {
  const c = process.cpuUsage();
  const t = performance.now();
  let totals!: Collected<number>;
  await directRunner().run((p) => {
    totals = p.apply(generate({ count: COUNT })).pipe(map(triple), filter(isKept), map(next), combineGlobally(sum()), collect());
  });
  const d = process.cpuUsage(c);
  console.log((performance.now() - t).toFixed(0), (d.user / 1000).toFixed(0), (d.system / 1000).toFixed(0));
}
