import { activeMetrics } from "../../sdk/metric-cells.ts";
import type { PipelineError } from "../../sdk/errors.ts";
import { stepFailed } from "./failures.ts";
import { frozen } from "./frozen.ts";
import type { Output } from "./plan.ts";
import { outputIndexes, type BackEnd, type Pass, type StageHost } from "./stage-loop.ts";
import type { Receive } from "./step-context.ts";
import { isOpaque, opaqueStep, plainStep } from "./step-call.ts";

/** Which step runs. */
const cursor = activeMetrics.step;

/**
 * The steps of a stage as closures, each of which calls the next: an element goes through by plain calls, and nothing is
 * allocated for it but what user code makes. It runs where code may not be generated.
 */
const linked =
  (freezes: boolean): BackEnd =>
  (host) => {
    const steps = new Linked(host, freezes);
    const [receive] = steps.outputs;
    return {
      enter: (pass) => steps.enterPass(pass),
      outputs: steps.outputs.map(
        (take): Receive =>
          (...element) =>
            steps.guard(() => take(...element)),
      ),
      uniform: (values, from, to, { timestamp, windows, pane }) =>
        steps.guard(() => {
          for (let i = from; i < to; i++) receive!(values[i], timestamp, windows, pane);
        }),
      columns: (values, from, to, timestamps, windows, panes) =>
        steps.guard(() => {
          for (let i = from; i < to; i++) receive!(values[i], timestamps[i]!, windows[i]!, panes[i]!);
        }),
    };
  };

/** The closures of a stage. */
export const link = linked(false);

/** The same, but elements are frozen as they pass, so that a function that changes its input is found. */
export const linkFreezing = linked(true);

class Linked {
  readonly outputs: readonly Receive[];
  readonly #host: StageHost;
  readonly #freezes: boolean;
  readonly #indexes: ReadonlyMap<Output, number>;
  /** A head may have an output that is one of its first step as well. */
  readonly #made = new Map<Output, Receive>();
  #pass!: Pass;
  /** What the step that runs was given: asked only when something was thrown. */
  #input: unknown;

  constructor(host: StageHost, freezes: boolean) {
    this.#host = host;
    this.#freezes = freezes;
    this.#indexes = outputIndexes(host.stage);
    this.outputs = host.stage.outputs.map((output) => this.#outputTo(output));
  }

  enterPass(pass: Pass): void {
    this.#pass = pass;
  }

  /** Runs the steps, and names the one that fails. */
  guard(run: () => void): void {
    try {
      run();
    } catch (error) {
      throw this.#blamed(error);
    }
  }

  #blamed(error: unknown): PipelineError {
    const { steps, path } = this.#host.stage;
    return stepFailed(steps[cursor[0]!]?.path ?? path, this.#input, error);
  }

  /** From here on what is thrown, and what is counted, is this step's. */
  readonly #enter = (number: number, value: unknown): void => {
    cursor[0] = number;
    this.#input = value;
  };

  /** Counts what comes, and hands it to each of those who take it. */
  #outputTo(output: Output): Receive {
    let receive = this.#made.get(output);
    if (receive === undefined) this.#made.set(output, (receive = this.#newOutput(output)));
    return receive;
  }

  #newOutput(output: Output): Receive {
    const counted = this.#indexes.get(output)!;
    const takers: readonly Receive[] = [
      ...output.steps.map((number) => this.#stepFrom(number)),
      ...output.slots.map((number) => this.#slotAt(number)),
    ];
    const [first] = takers;
    if (this.#freezes) {
      return (value, timestamp, windows, pane) => {
        this.#pass.counts[counted]!++;
        frozen(value);
        for (const take of takers) take(value, timestamp, windows, pane);
      };
    }
    if (takers.length === 1) {
      return (value, timestamp, windows, pane) => {
        this.#pass.counts[counted]!++;
        first!(value, timestamp, windows, pane);
      };
    }
    return (value, timestamp, windows, pane) => {
      this.#pass.counts[counted]!++;
      for (const take of takers) take(value, timestamp, windows, pane);
    };
  }

  #slotAt(number: number): Receive {
    const { path } = this.#host.stage.slots[number]!;
    return (value, timestamp, windows, pane) => {
      try {
        this.#pass.slots[number]!.put(value, timestamp, windows, pane);
      } catch (error) {
        throw stepFailed(path, value, error);
      }
    };
  }

  #stepFrom(number: number): Receive {
    const step = this.#host.stage.steps[number]!;
    const emits = step.outputs.map((output) => this.#outputTo(output));
    if (!isOpaque(step)) return plainStep(this.#host, number, emits, this.#enter);
    // What the step throws after it has given something out is its own fault, not that of the steps that took it.
    const giveOut = emits.map((take): Receive => (value, timestamp, windows, pane) => {
      const input = this.#input;
      try {
        take(value, timestamp, windows, pane);
      } catch (error) {
        // Named now: what user code does after it has caught this says nothing of who failed.
        throw this.#blamed(error);
      }
      this.#enter(number, input);
    });
    const call = opaqueStep(this.#host, number, giveOut, this.#enter);
    return (value, timestamp, windows, pane) => {
      this.#enter(number, value);
      call(value, timestamp, windows, pane);
    };
  }
}
