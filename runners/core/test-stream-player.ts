import type { TestStreamEvent, TestStreamNode } from "../../sdk/graph.ts";
import { MIN_INSTANT, type Instant } from "../../sdk/time.ts";
import { stampedBatch, type Batch, type Label } from "./batch.ts";
import type { Plan, Stage } from "./plan.ts";
import type { VirtualTime } from "./processing-time.ts";
import type { BundleScheduler } from "./scheduler.ts";

/** A stream: one output of a test stream. */
interface Stream {
  readonly stage: Stage;
  watermark: Instant;
}

/** An event with what it belongs to. */
interface Cue {
  readonly node: TestStreamNode;
  readonly number: number;
  readonly event: TestStreamEvent;
}

/** Lets the events of a pipeline's test streams happen, one at a time. */
export class TestStreamPlayer<B extends Label> {
  readonly #scheduler: BundleScheduler<B>;
  readonly #pack: (batch: Batch) => B;
  readonly #time: VirtualTime;
  readonly #streams = new Map<string, Stream>();
  readonly #cues: Cue[];
  #last: Cue | undefined;

  constructor({ stages }: Plan, scheduler: BundleScheduler<B>, pack: (batch: Batch) => B, time: VirtualTime) {
    this.#scheduler = scheduler;
    this.#pack = pack;
    this.#time = time;
    const nodes = new Set<TestStreamNode>();
    for (const stage of stages) {
      if (stage.head.kind !== "testStream") continue;
      nodes.add(stage.head.node);
      this.#streams.set(nameOf(stage.head.node, stage.head.tag), { stage, watermark: MIN_INSTANT });
    }
    this.#cues = [...nodes].flatMap((node) => node.events.map((event, number) => ({ node, number, event })));
  }

  /** Everything that follows from the last event is done: lets the next one happen. Answers whether there was one. */
  next(): boolean {
    this.end();
    const cue = (this.#last = this.#cues.shift());
    if (cue !== undefined) this.#play(cue);
    return cue !== undefined;
  }

  /** Everything that follows from the last event is done. */
  end(): void {
    const last = this.#last;
    this.#last = undefined;
    last?.node.onQuiet?.(last.number);
  }

  #play({ node, event }: Cue): void {
    if (event.kind === "processingTime") {
      this.#time.now += event.by;
      return;
    }
    const stream = this.#streams.get(nameOf(node, event.tag))!;
    if (event.kind === "watermark") stream.watermark = event.to;
    const batches = event.kind === "elements" ? [this.#batchOf(stream.stage, event.elements)] : [];
    this.#scheduler.proceed(stream.stage, batches, stream.watermark, this.#time.now);
  }

  #batchOf({ id, outputs }: Stage, elements: Extract<TestStreamEvent, { kind: "elements" }>["elements"]): B {
    const timestamps = Float64Array.from(elements, ({ timestamp }) => timestamp);
    const values = elements.map(({ value }) => value);
    return this.#pack(stampedBatch({ target: id, collection: outputs[0]!.collection }, values, timestamps));
  }
}

const nameOf = ({ id }: TestStreamNode, tag: string): string => `${id} ${tag}`;
