import { audit, lastValueFrom, Subject, takeWhile, tap } from "rxjs";
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
 * Runs pipelines on the caller's thread, driven by RxJS: for services that live on it.
 *
 * @param cut - how the work is cut into bundles, which changes no result; for tests.
 */
export const rxjsRunner = (cut: Cut = {}): Runner =>
  runnerOf({
    name: "rxjs",
    isForStreams: true,
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
    () => allRounds(run, job.turn),
    () => run.close(),
  );
}

/** One Subject of rounds. Bundles are no inner observables: `mergeMap` over inners that end at once leaks. */
function allRounds(run: LocalRun, turn: Turn): Promise<void> {
  const rounds = new Subject<void>();
  turn.onWake(() => rounds.next()); // a read or a sink is done, or failed; or the run is cancelled
  const finished = lastValueFrom(
    rounds.pipe(
      audit(() => turn.yield()), // all wakes of one turn make one round; the stack stays flat
      tap(() => {
        run.round();
        if (turn.isOver) rounds.next(); // the rest is the next round's
      }),
      takeWhile(() => !run.isOver),
    ),
    { defaultValue: undefined },
  );
  rounds.next();
  return finished;
}
