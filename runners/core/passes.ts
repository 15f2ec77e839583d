import type { AnyDoFn } from "../../sdk/do-fn.ts";
import type { Instant } from "../../sdk/time.ts";
import { closeAll } from "./closing.ts";
import { lifecycleFailed } from "./failures.ts";
import { andThen, type MaybePromise } from "./maybe-promise.ts";
import { BundleMetrics, type MetricDelta } from "./metric-container.ts";
import type { Stage } from "./plan.ts";
import type { Slot } from "./slot.ts";
import { outputsOf, type Pass } from "./stage-loop.ts";

interface DoFnOfStep {
  readonly number: number;
  readonly doFn: AnyDoFn;
  readonly path: string;
}

/**
 * The passes of a stage. A bundle takes one for itself, so while it waits for something outside, another bundle may run. A
 * pass is used again after a bundle that succeeded; one whose bundle failed is torn down, so that no trace of it is left.
 */
export class Passes {
  readonly #stage: Stage;
  readonly #makeSlots: () => readonly Slot[];
  readonly #now: () => Instant;
  readonly #doFns: readonly DoFnOfStep[];
  readonly #idle: Pass[] = [];

  constructor(stage: Stage, makeSlots: () => readonly Slot[], now: () => Instant) {
    this.#stage = stage;
    this.#makeSlots = makeSlots;
    this.#now = now;
    this.#doFns = stage.steps.flatMap(({ fn, path }, number) => (fn.kind === "doFn" ? [{ number, doFn: fn.doFn, path }] : []));
  }

  /** A pass that nobody uses, with the instances of its DoFns set up. */
  take(): MaybePromise<Pass> {
    return this.#idle.pop() ?? this.#setUp(this.#newPass());
  }

  /** Ends the use of a pass: what it counted, by step. */
  giveBack(pass: Pass): readonly MetricDelta[] {
    const deltas = [...pass.metrics.flatMap((metrics) => metrics.take()), ...this.#givenUp(pass)];
    pass.counts.fill(0);
    pass.givenUp.fill(0);
    this.#idle.push(pass);
    return deltas;
  }

  /** Ends a pass whose bundle failed, and answers the error. What a teardown throws on top of it is less important. */
  async drop(pass: Pass, error: unknown): Promise<never> {
    await this.#tearDown(pass, this.#doFns).catch(() => {});
    throw error;
  }

  /** Tears down all instances that no bundle uses. */
  close(): Promise<void> {
    return closeAll(this.#idle.splice(0).map((pass) => () => this.#tearDown(pass, this.#doFns)));
  }

  #newPass(): Pass {
    const { steps } = this.#stage;
    return {
      slots: this.#makeSlots(),
      counts: new Float64Array(outputsOf(this.#stage).length),
      givenUp: new Float64Array(steps.length),
      metrics: steps.map(({ path }) => new BundleMetrics(path, this.#now)),
      instances: [],
      processingTime: 0,
    };
  }

  #setUp(pass: Pass): MaybePromise<Pass> {
    let set: MaybePromise<Pass> = pass;
    this.#doFns.forEach(({ number, doFn, path }, i) => {
      set = andThen(set, () => {
        const failed = (error: unknown): Promise<never> =>
          this.#tearDown(pass, this.#doFns.slice(0, i + 1)).then(
            () => Promise.reject(lifecycleFailed(path, error)),
            () => Promise.reject(lifecycleFailed(path, error)),
          );
        try {
          const instance: unknown = doFn.setup?.();
          if (instance instanceof Promise) return instance.then((made: unknown) => ((pass.instances[number] = made), pass), failed);
          pass.instances[number] = instance;
          return pass;
        } catch (error) {
          return failed(error);
        }
      });
    });
    return set;
  }

  #tearDown(pass: Pass, doFns: readonly DoFnOfStep[]): Promise<void> {
    return closeAll(
      doFns.map(({ number, doFn, path }) => async () => {
        try {
          await doFn.teardown?.(pass.instances[number] as never);
        } catch (error) {
          throw lifecycleFailed(path, error);
        }
      }),
    );
  }

  #givenUp(pass: Pass): readonly MetricDelta[] {
    return this.#stage.steps.flatMap(({ path, failure }, number): MetricDelta[] => {
      const add = pass.givenUp[number]!;
      if (add === 0 || failure === undefined) return [];
      return [{ step: path, namespace: path, name: failure.then === "skip" ? "skipped" : "failed", value: { kind: "counter", add } }];
    });
  }
}
