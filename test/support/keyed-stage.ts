import { globalWindow, NO_FIRING, type Instant, type KV, type Window } from "millrace";
import { KeyedHead } from "../../runners/core/heads/keyed.ts";
import { KeyDictionary } from "../../runners/core/key-dictionary.ts";
import { link } from "../../runners/core/link.ts";
import { Passes } from "../../runners/core/passes.ts";
import type { Plan } from "../../runners/core/plan.ts";
import { Views } from "../../runners/core/side-inputs/views.ts";
import { PlainSlot } from "../../runners/core/slot.ts";
import { StageLoop } from "../../runners/core/stage-loop.ts";
import { batchWith, elementsOf, type Element } from "./batches.ts";

/** When a bundle comes. */
export interface Now {
  readonly watermark?: Instant;
  readonly clock?: Instant;
}

/** A pair with its event time, and with its window where that is not the global one. */
export interface TimedPair {
  readonly pair: KV<unknown, unknown>;
  readonly timestamp: Instant;
  readonly window?: Window;
}

/** The one stage of a plan that works key by key, run by hand: what it keeps can be counted. */
export class KeyedStage {
  readonly #head: KeyedHead;
  readonly #loop: StageLoop;
  readonly #passes: Passes;
  readonly #keys = new KeyDictionary();
  #watermark: Instant = -Infinity;
  #clock: Instant = 0;

  constructor({ stages }: Plan) {
    const stage = stages.find(({ head }) => head.kind === "keyed")!;
    if (stage.head.kind !== "keyed") throw new Error("no stage of the plan works key by key");
    const { doFn, windowing } = stage.head;
    this.#head = new KeyedHead({ path: stage.path, doFn, windowing, keys: this.#keys, looks: [], hasLateOutput: false });
    this.#loop = new StageLoop(stage, { options: {}, views: new Views([]) }, link);
    this.#passes = new Passes(
      stage,
      () => stage.slots.map(({ target, collection }) => new PlainSlot({ target, collection }, 1, 1_024)),
      () => 0,
    );
  }

  /** How much is kept. */
  get size(): KeyedHead["size"] {
    return this.#head.size;
  }

  /** Runs a bundle and answers what it gives out. Time stays where it was unless it is said. */
  async run(pairs: readonly TimedPair[], { watermark = this.#watermark, clock = this.#clock }: Now = {}): Promise<readonly Element[]> {
    [this.#watermark, this.#clock] = [watermark, clock];
    const pass = await this.#passes.take();
    pass.processingTime = clock;
    await this.#loop.startBundle(pass);
    this.#head.run(
      {
        stage: 0,
        partition: 0,
        batches: pairs.length === 0 ? [] : [this.#batchOf(pairs)],
        inputWatermark: watermark,
        outputWatermark: watermark,
        timersOutputWatermark: watermark,
        isDraining: false,
        idle: [],
        processingTime: clock,
        synchronizedProcessingTime: clock,
        viewWatermarks: [],
      },
      this.#loop,
      pass,
    );
    await this.#loop.finishBundle(pass);
    const given = elementsOf(pass.slots.flatMap((slot) => slot.takeBatches()));
    this.#passes.giveBack(pass);
    return given;
  }

  #batchOf(pairs: readonly TimedPair[]) {
    const ids = Int32Array.from(pairs, ({ pair: [key] }) => this.#keys.idOf(key));
    const elements = pairs.map(({ pair: [, value], timestamp, window = globalWindow }): Element => ({
      value,
      timestamp,
      windows: [window],
      pane: NO_FIRING,
    }));
    return batchWith(elements, { keys: { ids, distinct: undefined } });
  }
}
