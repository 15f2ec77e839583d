import { PipelineError } from "../../sdk/errors.ts";
import { MAX_INSTANT, NEVER, type Instant } from "../../sdk/time.ts";
import { globalWindow } from "../../sdk/windows/global.ts";
import type { Batch, Label } from "./batch.ts";
import type { Bundle, BundleResult } from "./bundle.ts";
import { hasWatermarks, isEndless } from "./endless.ts";
import { viewAt, type Plan, type Stage } from "./plan.ts";
import type { Woken } from "./rests.ts";
import { Forgetting, type Forget } from "./side-inputs/forgetting.ts";
import type { BlockedLot } from "./side-inputs/blocked-batches.ts";
import { beginning, idleBeside, isPassing, isReady, type PartitionState, type StageState } from "./stage-state.ts";
import { statusOf, type StageStatus } from "./stage-status.ts";

/** How the work is cut into bundles; the result does not depend on it. */
export interface Cut {
  /** How many parts each stage's work has, from 1 to 128. */
  readonly partitions?: number;
  /** How many elements a bundle has at most. */
  readonly elementsPerBundle?: number;
  /** Whether the loops of stages may be generated as code, which is the fast way; where it may not be, they are closures. */
  readonly generatesCode?: boolean;
  /**
   * About how many bytes groupings may keep in memory on each thread; a quarter of what its heap may grow to unless given. What is
   * more goes to temporary files until it is needed.
   */
  readonly memoryBudget?: number;
  /** Where a run makes the folder of its temporary files; where the system has its own unless given. */
  readonly temporaryFolder?: string;
}

/** Reads wait while this many elements do; in a run without an end, whose memory is to stay as it is, while far fewer do. */
const MOST_WAITING = 256 * 1_024;
const MOST_WAITING_LIVE = 16 * 1_024;
/** Or while they are about so many bytes, by what the sources say of theirs. */
const MOST_WAITING_BYTES = 64 * 1_024 * 1_024;
const MOST_IN_A_BUNDLE = 16 * 1_024;

/** A head that keeps this many elements to itself is given no more. */
const MOST_HELD = 1_024;

/** When a sink's writers are asked for the last time: the input watermark passes it only at the end of time. */
export const AT_END: Instant = MAX_INSTANT - 1;

/** A sink whose writers are done. */
export interface FinishedSink {
  readonly stage: Stage;
  readonly committables: readonly unknown[];
}

/**
 * Says which bundles may run now, and moves the watermarks. It files batches by their labels (target, partition, size,
 * earliest time) and never looks into them.
 */
export class BundleScheduler<B extends Label = Batch> {
  /** What `collect()` was given, by its place among the plan's collects. */
  readonly collected: readonly B[][];
  readonly #states: readonly StageState<B>[];
  readonly #mostInBundle: number;
  readonly #mostWaiting: number;
  /** Whether a stage is run only when all that comes before it is done, so that bundles are the events of a test stream. */
  readonly #isExact: boolean;
  readonly #committables = new Map<number, unknown[]>();
  readonly plan: Plan;
  readonly #onCommit: (result: BundleResult<B>) => void;
  /** Takes the panes of views as they are committed, before any bundle is handed out that reads them. */
  onView: (view: number, pane: B) => void = () => {};
  /** Is told which windows of views nobody needs any more. */
  onForget: Forget = () => {};
  readonly #forgetting: Forgetting;
  /** The views of which a pane of the global window has come. */
  readonly #shown = new Set<number>();
  #inFlight = 0;
  #waiting = 0;
  /** How many elements wait for side inputs. They do not keep reads back that the side inputs may need. */
  #blocked = 0;
  /** What has been read, of sources that know how many bytes that is. */
  #read = { bytes: 0, elements: 0 };
  #isDraining = false;
  #isStopping = false;
  #isOver = false;
  /** The stages that read. */
  readonly #reads: readonly StageState<B>[];
  /** The processing time at which bundles were last asked for. */
  #askedAt = -Infinity;

  /** @param impulse - what the stage of an impulse starts with. */
  constructor(
    plan: Plan,
    { elementsPerBundle = MOST_IN_A_BUNDLE }: Cut,
    impulse: (stage: Stage) => B,
    onCommit: (result: BundleResult<B>) => void = () => {},
  ) {
    this.plan = plan;
    this.#onCommit = onCommit;
    this.collected = plan.collects.map(() => []);
    this.#mostInBundle = elementsPerBundle;
    this.#mostWaiting = plan.graph.nodes.some(isEndless) ? MOST_WAITING_LIVE : MOST_WAITING;
    this.#forgetting = new Forgetting(plan.views);
    this.#isExact = plan.stages.some(({ head }) => head.kind === "testStream");
    this.#states = plan.stages.map((stage) => beginning<B>(stage));
    this.#reads = this.#states.filter(({ stage }) => stage.head.kind === "read");
    for (const { stage } of this.#states) if (stage.head.kind === "impulse") this.#file(impulse(stage), NEVER);
    this.#refreshWatermarks();
  }

  /** Whether all is done: every watermark has reached the end of time, or what could be done without reading is done after a stop. */
  get isDone(): boolean {
    return this.#isOver || this.#states.every(({ outputWatermark }) => outputWatermark >= MAX_INSTANT);
  }

  /** Ends the reads that have no end, as if their sources were over: all that follows from that is done. */
  drain(): void {
    this.#isDraining = true;
    for (const { partitions } of this.#reads) for (const { pending, rests } of partitions) pending.push(...rests.takeAll());
  }

  /** Reads nothing any more. What has been read is worked on as far as that goes without more. */
  stop(): void {
    this.#isStopping = true;
  }

  /** After a stop, when nothing is ready: lets writers end, and the run with the last of them. Answers whether that made something to do. */
  endAfterStop(): boolean {
    if (!this.#isStopping || this.#isOver) return false;
    const writing = this.#states.filter(({ stage, inputWatermark }) => stage.head.kind === "sink" && inputWatermark < MAX_INSTANT);
    for (const state of writing) state.inputWatermark = MAX_INSTANT;
    this.#isOver = writing.length === 0;
    return true;
  }

  /** There may be something again of a part that rests. */
  wake({ stage, partition, part }: Woken): void {
    const state = this.#states[stage]!.partitions[partition]!;
    state.pending.push(...state.rests.wake(part));
  }

  /** Whether something outside may make a part of a source ready that rests. */
  get mayBeWoken(): boolean {
    return !this.#isStopping && this.#reads.some(({ partitions }) => partitions.some(({ rests }) => rests.mayWake));
  }

  /** Whether no bundle is out. */
  get isIdle(): boolean {
    return this.#inFlight === 0;
  }

  /**
   * Hands out the bundles that may run now. Those furthest down the pipeline come first, so that what is under way is
   * finished before more is read.
   */
  *takeReady(processingTime: Instant): Generator<Bundle<B>, void, void> {
    this.#endRests(processingTime);
    this.#askedAt = processingTime;
    for (;;) {
      this.#refreshSynchronizedTimes(processingTime);
      const bundle = this.#isExact ? this.#nextInOrder(processingTime) : this.#nextReady(processingTime);
      if (bundle === undefined) return;
      yield bundle;
    }
  }

  /** What is due is read on; what has become idle holds the watermark back no more. */
  #endRests(now: Instant): void {
    let hasChanged = false;
    for (const { partitions } of this.#reads) {
      for (const { pending, rests } of partitions) {
        if (rests.isEmpty) continue;
        hasChanged ||= rests.nextChange(this.#askedAt) <= now;
        pending.push(...rests.takeDue(now));
      }
    }
    if (!hasChanged) return;
    this.#askedAt = now;
    this.#refreshWatermarks();
  }

  /** The first stage that is not done comes first, and the ones after it wait. */
  #nextInOrder(processingTime: Instant): Bundle<B> | undefined {
    for (const state of this.#states) {
      const partition = state.partitions.findIndex((each) => isReady(each, state, processingTime));
      if (partition !== -1) return this.#take(state, partition, processingTime);
      if (state.partitions.some(({ inFlight, held }) => inFlight !== undefined || held > 0)) return undefined;
    }
    return undefined;
  }

  #nextReady(processingTime: Instant): Bundle<B> | undefined {
    for (let id = this.#states.length - 1; id >= 0; id--) {
      const state = this.#states[id]!;
      if (state.stage.head.kind === "read" && !this.#mayReadMore(state.stage)) continue;
      const partition = state.partitions.findIndex((each) => isReady(each, state, processingTime));
      if (partition !== -1) return this.#take(state, partition, processingTime);
    }
    return undefined;
  }

  #mayReadMore({ feedsView }: Stage): boolean {
    if (this.#isStopping) return false;
    const waiting = this.#waiting + (feedsView ? 0 : this.#blocked);
    const { bytes, elements } = this.#read;
    return waiting <= this.#mostWaiting && (elements === 0 || (waiting / elements) * bytes <= MOST_WAITING_BYTES);
  }

  #take(stageState: StageState<B>, partition: number, processingTime: Instant): Bundle<B> {
    const { stage, partitions, inputWatermark, outputWatermark, timersOutputWatermark, synchronizedInput } = stageState;
    const state = partitions[partition]!;
    const since = Math.min(processingTime, state.since, state.nextDeadline, state.nextSynchronizedDeadline);
    const batches = this.#takeBatches(state, stage);
    const bundle: Bundle<B> = {
      stage: stage.id,
      partition,
      batches,
      inputWatermark,
      outputWatermark,
      timersOutputWatermark,
      processingTime,
      synchronizedProcessingTime: synchronizedInput,
      idle: stage.head.kind === "read" ? idleBeside(partition, partitions) : NONE,
      isDraining: this.#isDraining,
      viewWatermarks: stage.sides.length === 0 ? NONE : this.plan.views.map((view) => this.#states[view.stage]!.outputWatermark),
    };
    state.inFlight = bundle;
    if (batches.length > 0) stageState.lastAt = processingTime;
    state.inFlightSince = since;
    if (state.pending.length === 0) state.since = NEVER;
    this.#inFlight++;
    return bundle;
  }

  /** The first batches that fit into a bundle, at least one. */
  #takeBatches(state: PartitionState<B>, { head }: Stage): readonly B[] {
    const { pending, held } = state;
    // Of parts that have watermarks all are looked at, so that none keeps the others'. An event of a test stream is not cut where
    // bundles mean something.
    if (hasWatermarks(head) || (this.#isExact && (head.kind === "group" || head.kind === "keyed"))) {
      state.pending = [];
      return pending;
    }
    // What is held has to become less before there is more of it.
    if (held >= MOST_HELD) return [];
    let room = this.#mostInBundle - (pending[0]?.size ?? 0);
    let count = Math.min(1, pending.length);
    for (; count < pending.length && pending[count]!.size <= room; count++) room -= pending[count]!.size;
    state.pending = pending.slice(count);
    return pending.slice(0, count);
  }

  /** Takes in a bundle's result. All of it counts from now on. */
  commit(result: BundleResult<B>): void {
    const state = this.#states[result.stage]!;
    const partition = state.partitions[result.partition]!;
    for (const batch of result.batches) {
      const view = viewAt(this.plan, batch.target);
      if (batch.target < this.#states.length) this.#file(batch, partition.inFlightSince);
      else if (view >= 0) this.#show(view, batch);
      else this.collected[batch.target - this.#states.length]!.push(batch);
    }
    for (const batch of partition.inFlight!.batches) if (state.stage.head.kind !== "read") this.#waiting -= batch.size;
    const own = result.residuals.filter((batch) => batch.partition === result.partition);
    partition.pending = [...own, ...partition.pending, ...partition.rests.add(result.resting)];
    // What a read has given away, since others had nothing to do.
    for (const batch of result.residuals) if (batch.partition !== result.partition) state.partitions[batch.partition]!.pending.push(batch);
    if (this.#isDraining) partition.pending.push(...partition.rests.takeAll());
    if (state.stage.head.kind !== "read") for (const batch of result.residuals) this.#waiting += batch.size;
    for (const each of result.blocked) this.#blocked += each.batch.size;
    if (result.readBytes > 0) this.#countRead(result, state.stage);
    partition.blocked.add(result.blocked, partition.inFlightSince);
    if (partition.pending.length > 0) partition.since = Math.min(partition.since, partition.inFlightSince);
    partition.inFlight = undefined;
    partition.inFlightSince = NEVER;
    this.#waiting += result.held - partition.held;
    partition.held = result.held;
    // The watermark of a test stream is what its events say.
    if (state.stage.head.kind !== "testStream") partition.hold = result.hold;
    partition.reading = result.reading;
    partition.nextTimer = result.nextTimer;
    partition.nextDeadline = result.nextDeadline;
    partition.nextSynchronizedDeadline = result.nextSynchronizedDeadline;
    if (result.committables.length > 0)
      this.#committables.set(result.stage, [...(this.#committables.get(result.stage) ?? []), ...result.committables]);
    this.#inFlight--;
    this.#onCommit(result);
    // Last, when the outputs already wait downstream: a watermark that moved
    // before them could pass them, and make elements late that were in time.
    this.#refreshWatermarks();
  }

  #countRead({ readBytes, counts }: BundleResult<B>, { outputs }: Stage): void {
    this.#read.bytes += readBytes;
    for (const { collection } of outputs) this.#read.elements += counts.get(collection) ?? 0;
  }

  /** Tells of a pane of a view, and lets go what has waited for it. */
  #show(view: number, pane: B): void {
    if (!this.#forgetting.isForgotten(view, pane.windowEnd!)) this.onView(view, pane);
    if (pane.windowEnd === globalWindow.maxTimestamp) this.#shown.add(view);
    this.#unblock((each) => each.view === view && each.windowEnd === pane.windowEnd);
  }

  /** What is let go waits like all others: it may be blocked again, by another view. */
  #unblock(isReady: (lot: BlockedLot<B>) => boolean): void {
    if (this.#blocked === 0) return;
    for (const { partitions } of this.#states) {
      for (const partition of partitions) {
        const { since } = partition.blocked;
        for (const { batches, size } of partition.blocked.take(isReady)) {
          partition.since = Math.min(partition.since, since);
          this.#blocked -= size;
          this.#waiting += size;
          for (const batch of batches) partition.pending.push(batch);
        }
      }
    }
  }

  #file(batch: B, since: Instant): void {
    const { stage, partitions } = this.#states[batch.target]!;
    const partition = partitions[batch.partition]!;
    partition.pending.push(batch);
    partition.since = Math.min(partition.since, since);
    // Parts of a source are no elements: they wait until they are read.
    if (stage.head.kind !== "read") this.#waiting += batch.size;
  }

  /** Stages come in topological order, so one pass carries a change all the way down. */
  #refreshWatermarks(): void {
    for (const state of this.#states) {
      let input = MAX_INSTANT;
      for (const id of state.stage.upstream) input = Math.min(input, this.#states[id]!.outputWatermark);
      let hold = NEVER;
      if (!this.#maySayThereIsNothing(state.stage)) input = Math.min(input, globalWindow.maxTimestamp);
      const notPast = (earliest: Instant): void => {
        input = Math.min(input, earliest);
        // What is late, but not behind the output watermark, may still hold that: so it stays where it is until this is known.
        if (earliest < state.inputWatermark) hold = Math.min(hold, state.outputWatermark);
      };
      for (const partition of state.partitions) {
        for (const { earliest } of partition.pending) notPast(earliest);
        for (const earliest of partition.rests.holds(this.#askedAt)) notPast(earliest);
        for (const { earliest } of partition.blocked.lots()) notPast(earliest);
        if (partition.inFlight !== undefined) for (const { earliest } of partition.inFlight.batches) notPast(earliest);
        hold = Math.min(hold, partition.hold);
      }
      // Where all parts are idle nobody knows how far they have got.
      if (input === MAX_INSTANT && state.partitions.some(({ rests }) => !rests.isEmpty)) input = state.inputWatermark;
      // What one event of a test stream has brought comes before what follows from the watermark: else which of it comes when would
      // depend on which partition is done first.
      if (this.#isExact && state.partitions.some(({ pending, inFlight }) => pending.length > 0 || inFlight !== undefined)) {
        input = Math.min(input, state.inputWatermark);
      }
      const hasMoved = input > state.inputWatermark;
      // What one step of the watermark has made due leaves together: in all partitions, and before the output watermark moves on.
      const isUnderWay = isPassing(state);
      if (isUnderWay) hold = Math.min(hold, state.timersOutputWatermark);
      state.inputWatermark = Math.max(state.inputWatermark, input);
      state.outputWatermark = Math.max(state.outputWatermark, Math.min(state.inputWatermark, hold));
      if (hasMoved && !isUnderWay) state.timersOutputWatermark = state.outputWatermark;
    }
    this.#unblock(({ view, readyAfter }) => this.#states[this.plan.views[view]!.stage]!.outputWatermark > readyAfter);
    this.#forgetting.look((stage) => this.#states[stage]!.outputWatermark, this.onForget);
  }

  /** The same for processing time: what is under way holds it back for everything that comes after. */
  #refreshSynchronizedTimes(now: Instant): void {
    for (const state of this.#states) {
      let input = now;
      for (const id of state.stage.upstream) input = Math.min(input, this.#states[id]!.synchronizedOutput);
      let output = NEVER;
      for (const { since, blocked, inFlightSince, nextDeadline, nextSynchronizedDeadline } of state.partitions) {
        input = Math.min(input, since, blocked.since, inFlightSince);
        output = Math.min(output, nextDeadline, nextSynchronizedDeadline);
      }
      state.synchronizedInput = Math.max(state.synchronizedInput, input);
      state.synchronizedOutput = Math.max(state.synchronizedOutput, Math.min(input, output));
    }
  }

  /** What a combine gives for no elements may read side inputs: it waits for them, as an element of the last instant would. */
  #maySayThereIsNothing({ head, sides }: Stage): boolean {
    if (head.kind !== "group" || !head.emitsDefault) return true;
    return sides.every(
      ({ view }) => this.#shown.has(view) || this.#states[this.plan.views[view]!.stage]!.outputWatermark > globalWindow.maxTimestamp,
    );
  }

  /**
   * When processing time alone makes something ready; `NEVER` where it does not. What had become due when bundles were last asked
   * for, and was not ready, waits for something else.
   */
  get nextDeadline(): Instant {
    let next = NEVER;
    for (const { partitions } of this.#states) {
      for (const { nextDeadline, nextSynchronizedDeadline, rests } of partitions) {
        if (nextDeadline > this.#askedAt) next = Math.min(next, nextDeadline);
        if (!this.#isStopping) next = Math.min(next, rests.nextChange(this.#askedAt));
        if (nextSynchronizedDeadline >= this.#askedAt) next = Math.min(next, nextSynchronizedDeadline + 1);
      }
    }
    return next;
  }

  /**
   * The sinks to commit now, in the order of the graph: when no bundle is out and none may run, everything that is not
   * behind one of their commits has been done.
   */
  get finishedSinks(): readonly FinishedSink[] {
    if (this.#inFlight > 0) return [];
    return this.#states
      .filter(
        ({ stage, partitions }) =>
          stage.head.kind === "sink" && partitions.every(({ nextTimer, hold }) => nextTimer === NEVER && hold !== NEVER),
      )
      .map(({ stage }) => ({ stage, committables: this.#committables.get(stage.id) ?? [] }));
  }

  /**
   * Takes in elements that come from no bundle: what a sink has committed, or a test stream gives.
   *
   * @param watermark - how far the stage that they come from has got, as far as it was held back until now.
   * @param now - processing time.
   */
  proceed({ id }: Stage, batches: readonly B[], watermark: Instant, now: Instant): void {
    for (const batch of batches) this.#file(batch, now);
    for (const partition of this.#states[id]!.partitions) partition.hold = watermark >= MAX_INSTANT ? NEVER : watermark;
    this.#refreshWatermarks();
  }

  /** Where a stage is now. */
  statusAt(stage: number, now: Instant): StageStatus {
    return statusOf(this.#states[stage]!, now);
  }

  /** The error of a run that cannot go on although it is not done; a fault in the engine. */
  stalled(): PipelineError {
    const { stage, inputWatermark, outputWatermark, partitions } = this.#states.find((state) => state.outputWatermark < MAX_INSTANT)!;
    return new PipelineError("STALLED", {
      what: "no bundle may run and none is in flight, yet the pipeline is not done; this is a fault in the engine",
      at: stage.path,
      got: `input watermark ${inputWatermark}, output watermark ${outputWatermark}, hold ${Math.min(...partitions.map(({ hold }) => hold))}`,
      fix: "report it with the output of millrace explain",
    });
  }
}

const NONE: readonly never[] = Object.freeze([]);
