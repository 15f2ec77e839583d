import type { BundleResult } from "./bundle.ts";
import { BundleExecutor } from "./executor.ts";
import type { Woken } from "./rests.ts";
import type { Job } from "./run.ts";
import type { Cut } from "./scheduler.ts";
import { Views } from "./side-inputs/views.ts";

/** A job whose bundles run on the thread that drives it, in rounds. */
export class LocalRun {
  readonly #job: Job;
  readonly #executor: BundleExecutor;

  constructor(job: Job, cut: Cut) {
    this.#job = job;
    const views = new Views(job.plan.views);
    const onWake = (woken: Woken): void => {
      job.scheduler.wake(woken);
      job.turn.wakeUp();
    };
    this.#executor = new BundleExecutor({ ...job, cut, staysHere: true, views, onWake });
    job.scheduler.onView = (view, pane) => views.put(view, pane);
    job.scheduler.onForget = (view, endsBefore) => views.forget(view, endsBefore);
  }

  /** Whether nothing is left to do, or nothing may be done any more. */
  get isOver(): boolean {
    return this.#job.signal.aborted || this.#job.scheduler.isDone;
  }

  /** Runs what is ready, for one turn at most: then progress, signals and sockets have to have theirs. */
  round(): void {
    const { scheduler, turn, time, signal } = this.#job;
    if (signal.aborted) return; // what was under way fails by that, and not the run
    turn.begin();
    time.goOn?.();
    // Lazy: a bundle that is not asked for stays ready.
    for (const bundle of scheduler.takeReady(time.now)) {
      const result = this.#executor.run(bundle);
      if (result instanceof Promise) turn.later(result.then((done) => this.#commit(done))); // a read or a sink does not hold up the others
      else this.#commit(result);
      if (turn.isOver || signal.aborted) return;
    }
    if (!this.isOver) this.#job.whenNothingIsReady();
  }

  #commit(result: BundleResult): void {
    this.#job.scheduler.commit(result);
    if (result.wantsCommit) this.#job.turn.later(this.#executor.committed(result));
  }

  /** Lets go of files and connections, whether the run has succeeded or not. */
  close(): Promise<void> {
    // What is still out must not wait for what nobody needs any more.
    if (!this.#job.scheduler.isDone) this.#job.abort();
    return this.#executor.close();
  }
}
