import { setImmediate } from "node:timers/promises";
import type { Runner } from "millrace";
import type { Label } from "../../runners/core/batch.ts";
import type { Bundle, BundleResult } from "../../runners/core/bundle.ts";
import { runnerOf, type Job } from "../../runners/core/run.ts";
import type { Cut } from "../../runners/core/scheduler.ts";
import { Choices } from "./choices.ts";
import { oneThread, severalThreads, type Lane, type Lanes } from "./lanes.ts";
import { SimulatedClock } from "./simulated-clock.ts";
import type { Trace } from "./trace.ts";

/** What the runner of a simulation is given. */
export interface Simulated {
  readonly seed: number;
  readonly trace: Trace;
  /** What happens outside, and may happen now: something comes to a source, and whoever waits for it is woken. */
  readonly outside?: () => readonly (() => void)[];
  /** What happens to the run at a step, by its number. */
  readonly interrupt?: { readonly at: number; readonly by: () => void };
}

/** The process died: nobody closes anything. */
export class Died extends Error {
  override readonly name = "Died";
}

/**
 * A runner on which a seed decides what a run's result may not depend on: how the work is cut, whether it is on one thread or on
 * several that share nothing, which bundles are taken, run and committed when, which of them are lost with their results and run
 * again, and when time goes on.
 */
export function simulatedRunner(given: Simulated): Runner {
  const choices = new Choices(given.seed, "schedule");
  const cut = anyCut(choices);
  return choices.chance(0.5)
    ? runnerOn(oneThread, cut, choices, given)
    : runnerOn(severalThreads(choices.between(1, 3)), cut, choices, given);
}

const anyCut = (choices: Choices): Cut => ({
  partitions: choices.pick([1, 1, 2, 3, 5]),
  ...(choices.chance(0.7) ? { elementsPerBundle: choices.pick([1, 1, 2, 3, 7]) } : {}),
  generatesCode: choices.chance(0.5),
});

function runnerOn<B extends Label>(lanes: Lanes<B>, cut: Cut, choices: Choices, given: Simulated): Runner {
  given.trace.note(`${lanes.areInOrder ? "threads" : "one thread"} ${JSON.stringify(cut)}`);
  const clock = new SimulatedClock(choices);
  return runnerOf<B>({
    name: "rxjs",
    isForStreams: true,
    cut,
    clock,
    random: choices.fraction,
    carrier: lanes.carrier,
    drive: (job) => new Simulation(job, lanes, cut, { ...given, choices, clock }).drive(),
  });
}

/** A bundle that is out. */
interface Task<B extends Label> {
  readonly number: number;
  readonly bundle: Bundle<B>;
  readonly lane: number;
  state: "taken" | "running" | "done" | "failed";
  result: BundleResult<B> | undefined;
  error: unknown;
  /** How many times it was run. */
  runs: number;
}

/** How often a bundle is run, at most: each time, another one of its elements may be the one that fails. */
const MOST_RUNS = 100;

/** How many steps a run takes, at most. */
const MOST_STEPS = 50_000;

/** How readily the things are done that may be done next. */
interface Weights {
  readonly take: number;
  readonly run: number;
  readonly commit: number;
  readonly clock: number;
  readonly outside: number;
}

type Action = keyof Weights;

/** What decides a run. */
interface Deciding extends Simulated {
  readonly choices: Choices;
  readonly clock: SimulatedClock;
}

/** One run. Its steps are drawn one after the other, and each is over, with all that follows from it at once, before the next one. */
class Simulation<B extends Label> {
  readonly #job: Job<B>;
  readonly #given: Deciding;
  readonly #lanes: readonly Lane<B>[];
  readonly #areInOrder: boolean;
  readonly #weights: Weights;
  /** How many bundles are out at most, beside those that wait for something. */
  readonly #most: number;
  readonly #losses: number;
  /** In the order in which they were taken. */
  readonly #tasks: Task<B>[] = [];
  #taken = 0;
  /** By stage: where they were as its last bundle was taken. */
  readonly #watermarks = new Map<number, { readonly input: number; readonly output: number }>();
  #steps = 0;
  /** Whether nothing can have become ready since there was nothing. */
  #isNothingReady = false;

  constructor(job: Job<B>, lanes: Lanes<B>, cut: Cut, given: Deciding) {
    this.#job = job;
    this.#given = given;
    this.#areInOrder = lanes.areInOrder;
    const { choices } = given;
    this.#weights = {
      take: choices.pick([1, 3, 10]),
      run: choices.pick([1, 3, 10]),
      commit: choices.pick([1, 3, 10]),
      clock: choices.pick([0, 0.1, 1]),
      outside: choices.pick([0.1, 1, 3]),
    };
    this.#most = choices.pick([1, 2, 4, 16]);
    this.#losses = choices.pick([0, 0.1, 0.3]);
    this.#lanes = lanes.make(job, cut, (woken) => {
      job.scheduler.wake(woken);
      job.turn.wakeUp();
    });
    job.scheduler.onView = (view, pane) => {
      for (const lane of this.#lanes) lane.show(view, pane);
    };
    job.scheduler.onForget = (view, endsBefore) => {
      for (const lane of this.#lanes) lane.forget(view, endsBefore);
    };
    job.turn.onWake(() => (this.#isNothingReady = false));
  }

  async drive(): Promise<void> {
    const { scheduler, turn, time, signal } = this.#job;
    const { interrupt } = this.#given;
    let isClosed = true;
    try {
      while (!signal.aborted && !scheduler.isDone) {
        turn.begin();
        time.goOn?.();
        if (++this.#steps === interrupt?.at) {
          this.#note("interrupted");
          interrupt.by();
        }
        if (this.#steps > MOST_STEPS) throw new Error("the simulation does not come to an end");
        const action = this.#choose();
        if (action === undefined) await this.#wait();
        else await this.#do(action);
      }
      this.#note(`over at step ${this.#steps}`);
    } catch (error) {
      isClosed = !(error instanceof Died);
      throw error;
    } finally {
      if (!scheduler.isDone) this.#job.abort();
      if (isClosed) for (const lane of this.#lanes) await this.#closed(lane);
    }
  }

  /** An executor waits a while for what is out: that time has to go by. */
  async #closed(lane: Lane<B>): Promise<void> {
    let isClosed = false;
    const closed = lane.close().finally(() => (isClosed = true));
    closed.catch(() => {});
    await setImmediate();
    for (let i = 0; i < 100 && !isClosed; i++) {
      this.#given.clock.advance(100);
      await setImmediate();
    }
    await closed;
  }

  #note(line: string): void {
    this.#given.trace.note(line);
  }

  #choose(): Action | undefined {
    const { outside, choices } = this.#given;
    const isPossible = {
      take: !this.#isNothingReady && this.#tasks.filter(({ state }) => state !== "running").length < this.#most,
      run: this.#runnable.length > 0,
      commit: this.#committable.length > 0,
      clock: true,
      outside: outside !== undefined && outside().length > 0,
    } as const satisfies Record<Action, boolean>;
    // Time alone is no reason to go on: what waits for it has to be asked first.
    if (!isPossible.take && !isPossible.run && !isPossible.commit) return undefined;
    const possible = (Object.keys(isPossible) as Action[]).filter((action) => isPossible[action]);
    let at = choices.fraction() * possible.reduce((sum, action) => sum + this.#weights[action], 0);
    return possible.find((action) => (at -= this.#weights[action]) < 0) ?? possible[0];
  }

  /** The bundles that may run now: on a thread the first of those that it was given. */
  get #runnable(): readonly Task<B>[] {
    const taken = this.#tasks.filter(({ state }) => state === "taken");
    if (!this.#areInOrder) return taken;
    return this.#lanes.flatMap((_, lane) => taken.find((task) => task.lane === lane) ?? []);
  }

  get #committable(): readonly Task<B>[] {
    return this.#tasks.filter(({ state }) => state === "done" || state === "failed");
  }

  async #do(action: Action): Promise<void> {
    const { choices, outside } = this.#given;
    switch (action) {
      case "take":
        return this.#take();
      case "run":
        return this.#run(choices.pick(this.#runnable));
      case "commit":
        return this.#end(choices.pick(this.#committable));
      case "clock":
        return this.#advance(choices.pick([1, 1, 2, 5, 20, 100]));
      case "outside":
        return this.#happen(choices.pick(outside!()));
    }
  }

  #take(): void {
    const { scheduler, time, plan } = this.#job;
    const { value: bundle } = scheduler.takeReady(time.now).next();
    if (bundle === undefined) {
      this.#isNothingReady = true;
      return;
    }
    const { stage, partition, batches, inputWatermark, outputWatermark, processingTime } = bundle;
    const number = this.#taken++;
    this.#mustBeInOrder(bundle);
    this.#tasks.push({
      number,
      bundle,
      lane: partition % this.#lanes.length,
      state: "taken",
      result: undefined,
      error: undefined,
      runs: 0,
    });
    const sizes = batches.map(({ size }) => size).join("+");
    this.#note(
      `take ${number} ${plan.stages[stage]!.path}[${partition}] ${sizes} in ${inputWatermark} out ${outputWatermark} at ${processingTime}`,
    );
  }

  /** A partition has one bundle out, and watermarks never go back: the output one is no further than the input one. */
  #mustBeInOrder({ stage, partition, inputWatermark, outputWatermark }: Bundle<B>): void {
    const before = this.#watermarks.get(stage) ?? { input: -Infinity, output: -Infinity };
    const isOut = this.#tasks.some(({ bundle }) => bundle.stage === stage && bundle.partition === partition);
    const goesBack = inputWatermark < before.input || outputWatermark < before.output || outputWatermark > inputWatermark;
    if (isOut || goesBack) {
      const at = `${this.#job.plan.stages[stage]!.path}[${partition}]`;
      throw new Error(isOut ? `${at} has two bundles out` : `a watermark of ${at} went back: ${inputWatermark}, ${outputWatermark}`);
    }
    this.#watermarks.set(stage, { input: inputWatermark, output: outputWatermark });
  }

  async #run(task: Task<B>): Promise<void> {
    this.#note(`run ${task.number}`);
    task.state = "running";
    task.runs++;
    const isBack = (result: BundleResult<B>): void => {
      task.state = "done";
      task.result = result;
    };
    const hasFailed = (error: unknown): void => {
      task.state = "failed";
      task.error = error;
    };
    try {
      const result = this.#lanes[task.lane]!.run(task.bundle);
      if (!(result instanceof Promise)) return isBack(result);
      result.then(isBack, hasFailed);
    } catch (error) {
      return hasFailed(error);
    }
    await setImmediate();
  }

  #end(task: Task<B>): void {
    const { scheduler, turn } = this.#job;
    if (task.runs < MOST_RUNS && this.#mayRunAgain(task) && (task.state === "failed" || this.#given.choices.chance(this.#losses))) {
      this.#note(`${task.state === "failed" ? "failed" : "lost"} ${task.number}`);
      task.state = "taken";
      task.result = undefined;
      return;
    }
    this.#tasks.splice(this.#tasks.indexOf(task), 1);
    if (task.result === undefined) {
      this.#note(`fail by ${task.number}`);
      turn.fail(task.error);
      return;
    }
    const { batches, residuals, resting, hold, nextTimer } = task.result;
    this.#note(`commit ${task.number} ${batches.length} ${residuals.length} ${resting.length} hold ${hold} next ${nextTimer}`);
    scheduler.commit(task.result);
    this.#isNothingReady = false;
    if (task.result.wantsCommit) turn.later(this.#lanes[task.lane]!.committed(task.result));
  }

  /** Whether nothing is kept of a bundle where it ran, so that it may run from its inputs once more. */
  #mayRunAgain({ bundle }: Task<B>): boolean {
    const { head, sides } = this.#job.plan.stages[bundle.stage]!;
    // On one thread a batch that was shared out between those who wait and those who do not has been given back.
    return (head.kind === "elements" || head.kind === "split") && (this.#areInOrder || sides.length === 0);
  }

  async #advance(ms: number): Promise<void> {
    this.#note(`clock +${ms}`);
    this.#given.clock.advance(ms);
    this.#isNothingReady = false;
    await setImmediate();
  }

  async #happen(event: () => void): Promise<void> {
    this.#note("outside");
    event();
    this.#isNothingReady = false;
    await setImmediate();
  }

  /** Nothing can be done now: what has to come to an end before, or time has to go by. */
  async #wait(): Promise<void> {
    const { turn, whenNothingIsReady } = this.#job;
    const { clock, outside, choices } = this.#given;
    let isWoken = false;
    turn.onWake(() => {
      isWoken = true;
      this.#isNothingReady = false;
    });
    whenNothingIsReady();
    if (!isWoken) await setImmediate();
    if (isWoken || this.#committable.length > 0) return;
    const events = outside?.() ?? [];
    const { nextTimer } = clock;
    if (events.length > 0 && (nextTimer === undefined || choices.chance(0.5))) return this.#happen(choices.pick(events));
    if (nextTimer === undefined) throw new Error(`the simulation is stuck at step ${this.#steps}`);
    return this.#advance(choices.chance(0.2) ? Math.ceil(nextTimer / 2) : nextTimer);
  }
}
