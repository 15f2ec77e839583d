import { combinePerKey, count, generate, keyBy, map, sessions, windowInto } from "millrace";
import { directRunner } from "millrace/runners/direct";
const COUNT = 2_000_000,
  KEYS = 100_000,
  GAP = 30_000;
const keyOf = (i: number): number => (i * 7919) % KEYS;
const timeOf = (i: number): number => Math.floor(i / 10) + ((i * 31) % 1_000);
for (let r = 0; r < 3; r++) {
  const t = performance.now();
  let events = 0,
    found = 0;
  await directRunner().run((p) => {
    p.apply(generate({ count: COUNT, timestampOf: timeOf })).pipe(
      windowInto(sessions(GAP)),
      keyBy(keyOf),
      combinePerKey(count()),
      map(([, n]) => {
        found++;
        events += n;
        return n;
      }),
    );
  });
  console.log(found, events, performance.now() - t);
}
