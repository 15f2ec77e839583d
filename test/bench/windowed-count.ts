import { combinePerKey, count, fixedWindows, generate, keyBy, map, windowInto } from "millrace";
import { directRunner } from "millrace/runners/direct";
import { compare } from "./compare.ts";

const COUNT = 10_000_000;
const SIZE = 60_000;

/** Counts per key and window, 10 M events over ten windows, against nested maps of numbers. */
export async function windowedCount(): Promise<void> {
  for (const keys of [10_000, 1_000_000]) {
    const keyOf = (i: number): number => (i * 7919) % keys;
    const timeOf = (i: number): number => Math.floor(i / (COUNT / 10)) * SIZE + ((i * 31) % SIZE);
    await compare(`windowed count per key, 10 M events, ${keys} keys`, {
      plain() {
        const windows = new Map<number, Map<number, number>>();
        for (let i = 0; i < COUNT; i++) {
          const start = Math.floor(timeOf(i) / SIZE) * SIZE;
          let counts = windows.get(start);
          if (counts === undefined) windows.set(start, (counts = new Map()));
          const key = keyOf(i);
          counts.set(key, (counts.get(key) ?? 0) + 1);
        }
        let groups = 0;
        let events = 0;
        for (const counts of windows.values()) {
          for (const n of counts.values()) {
            groups += 1;
            events += n;
          }
        }
        return [groups, events];
      },
      async ours() {
        let groups = 0;
        let events = 0;
        await directRunner().run((p) => {
          p.apply(generate({ count: COUNT, timestampOf: timeOf })).pipe(
            windowInto(fixedWindows(SIZE)),
            keyBy(keyOf),
            combinePerKey(count()),
            map(([, n]) => {
              groups += 1;
              events += n;
              return n;
            }),
          );
        });
        return [groups, events];
      },
    });
  }
}
