import { collect, combineGlobally, filter, generate, map, sum, type Collected } from "millrace";
import { directRunner } from "millrace/runners/direct";
const triple = (x: number): number => x * 3;
const N = Number(process.env.N ?? 1e7);
for (let i=0;i<Number(process.env.R ?? 1);i++) {
 const c = process.cpuUsage(); const t=performance.now();
 let totals!: Collected<number>;
 const result = await directRunner().run((p) => { totals = p.apply(generate({ count: N })).pipe(map(triple), filter((x) => x % 7 !== 0), map((x) => x + 1), combineGlobally(sum()), collect()); });
 console.log(result.collected(totals), (process.cpuUsage(c).user/1000).toFixed(0), (performance.now()-t).toFixed(0));
}
