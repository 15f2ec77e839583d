import { fork } from "node:child_process";
import { once } from "node:events";
import { afterCount, globalWindows, groupByKey, keyBy, repeatedly, tap, windowInto } from "millrace";
import { readSocket } from "millrace/io/socket";
import { rxjsRunner } from "millrace/runners/rxjs";

const PER_SECOND = 20_000;
const KEYS = 1_000;
const WARM_UP_MS = 5_000;
const MEASURED_MS = 20_000;

/** Now, on a clock that all processes of the machine share, in ms with fractions. */
export const nowMs = (): number => performance.timeOrigin + performance.now();

/**
 * How long it takes from a line's being sent until the pane comes out that it makes fire: each element fires one. The lines come
 * from another process at a steady pace, and say themselves when they were sent.
 */
export async function latency(): Promise<void> {
  const sender = fork(new URL("./line-sender.ts", import.meta.url), [String(PER_SECOND)], { execArgv: process.execArgv });
  const [port] = (await once(sender, "message")) as [number];
  const began = nowMs();
  const taken: number[] = [];
  const running = rxjsRunner().start((p) => {
    p.apply(readSocket({ host: "127.0.0.1", port })).pipe(
      windowInto(globalWindows(), { trigger: repeatedly(afterCount(1)), accumulation: "discarding" }),
      keyBy((line) => Number(line.slice(line.indexOf(" ") + 1)) % KEYS),
      groupByKey(),
      tap(([, lines]) => {
        const now = nowMs();
        if (now > began + WARM_UP_MS) for (const line of lines) taken.push(now - Number(line.slice(0, line.indexOf(" "))));
      }),
    );
  });
  await new Promise((resolve) => setTimeout(resolve, WARM_UP_MS + MEASURED_MS));
  await running.cancel();
  sender.kill();
  taken.sort((a, b) => a - b);
  const at = (share: number): string => taken[Math.min(taken.length - 1, Math.floor(taken.length * share))]!.toFixed(1);
  const rate = Math.round(taken.length / (MEASURED_MS / 1_000));
  console.log(
    `latency from a line to its pane, ${rate} lines/s: p50 ${at(0.5)} ms, p90 ${at(0.9)}, p99 ${at(0.99)}, p99.9 ${at(0.999)}, most ${at(1)}; ${taken.length} lines`,
  );
}
