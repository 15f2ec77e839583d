import type { Runner } from "../../sdk/running.ts";
import { thenClose } from "../core/closing.ts";
import { LocalRun } from "../core/local-run.ts";
import { byReference, runnerOf, type Job } from "../core/run.ts";
import type { Cut } from "../core/scheduler.ts";
import type { Turn } from "../core/turn.ts";
import { wallClock } from "../node/clock.ts";
import { chance } from "../node/random.ts";
import { storageOfRun } from "../node/temporary-storage.ts";

/**
 * Runs pipelines on the caller's thread: bounded input as fast as one thread can.
 *
 * @param cut - how the work is cut into bundles, which changes no result; for tests.
 */
export const directRunner = (cut: Cut = {}): Runner =>
  runnerOf({
    name: "direct",
    isForStreams: false,
    cut,
    clock: wallClock,
    random: chance,
    openStorage: storageOfRun,
    carrier: () => byReference,
    drive: (job) => drive(job, cut),
  });

function drive(job: Job, cut: Cut): Promise<void> {
  const run = new LocalRun(job, cut);
  return thenClose(
    () => rounds(run, job.turn),
    () => run.close(),
  );
}

async function rounds(run: LocalRun, turn: Turn): Promise<void> {
  for (;;) {
    run.round();
    if (run.isOver) return;
    // Out of work before the turn is over: a read or a sink has to wake us.
    if (!turn.isOver) await turn.wake();
    if (turn.isOver) await turn.yield();
  }
}
