import { eventTimer, generate, keyBy, map, output, parDo, valueState } from "millrace";
import { directRunner } from "millrace/runners/direct";
import { compare } from "./compare.ts";

const ELEMENTS = 5_000_000;
const KEYS = 100_000;
const TIMERS = 1_000_000;

/** A value for each key, and a timer for each key, against maps of numbers. */
export async function state(): Promise<void> {
  await running();
  await timers();
}

/** How many elements of a key have come, for each element. */
async function running(): Promise<void> {
  const keyOf = (i: number): number => (i * 7919) % KEYS;
  const cost = await compare(`value state, ${ELEMENTS / 1e6} M elements, ${KEYS} keys`, {
    plain() {
      const counts = new Map<number, number>();
      let total = 0;
      for (let i = 0; i < ELEMENTS; i++) {
        const key = keyOf(i);
        const seen = (counts.get(key) ?? 0) + 1;
        counts.set(key, seen);
        total += seen;
      }
      return total;
    },
    async ours() {
      let total = 0;
      await directRunner().run((p) => {
        p.apply(generate({ count: ELEMENTS })).pipe(
          keyBy(keyOf),
          parDo({
            state: { seen: valueState<number>() },
            output: output<number>(),
            process(_, ctx) {
              const seen = (ctx.state.seen.read() ?? 0) + 1;
              ctx.state.seen.write(seen);
              ctx.output(seen);
            },
          }),
          map((seen) => {
            total += seen;
            return seen;
          }),
        );
      });
      return total;
    },
  });
  console.log(`  ${(ELEMENTS / cost.ours.wallMs / 1_000).toFixed(1)} M elements/s`);
}

/** An alarm for each key, so long after its last element; every other key has two. */
async function timers(): Promise<void> {
  const elements = TIMERS * 1.5;
  // All elements come before the first timer is due.
  const keyOf = (i: number): number => (i < TIMERS ? i : 2 * (i - TIMERS));
  const dueAt = (i: number): number => elements + i;
  const cost = await compare(`timers, ${TIMERS / 1e6} M set, half of them again, all fired`, {
    plain() {
      const due = new Map<number, number>();
      for (let i = 0; i < elements; i++) due.set(keyOf(i), dueAt(i));
      const fired = [...due.values()].toSorted((a, b) => a - b);
      return [fired.length, fired.reduce((sum, time) => sum + time, 0)];
    },
    async ours() {
      let fired = 0;
      let sum = 0;
      await directRunner().run((p) => {
        p.apply(generate({ count: elements, timestampOf: (i) => i })).pipe(
          keyBy(keyOf),
          parDo({
            timers: { due: eventTimer() },
            output: output<number>(),
            process([, i], ctx) {
              ctx.timers.due.set(dueAt(i));
            },
            onTimer: {
              due(ctx) {
                fired++;
                sum += ctx.timestamp;
              },
            },
          }),
        );
      });
      return [fired, sum];
    },
  });
  console.log(`  ${((cost.ours.wallMs * 1_000) / TIMERS).toFixed(2)} µs for each timer`);
}
