import type { AnyCoder } from "../../sdk/coders/coder.ts";
import type { Bundle, BundleResult } from "./bundle.ts";
import type { Woken } from "./rests.ts";
import { AccumulatorCheck, EncodableCheck, StateCheck } from "./encodable.ts";
import { ExchangeSlot, type LiftSpec } from "./exchange-slot.ts";
import { FoldedSlot } from "./folded-slot.ts";
import type { Destination } from "./open-batch.ts";
import { closeAll } from "./closing.ts";
import { lifecycleFailed } from "./failures.ts";
import { mayGenerate } from "./code.ts";
import { AsyncHead, concurrencyOf, Permits } from "./heads/async.ts";
import { elementsHead } from "./heads/elements.ts";
import { groupHead } from "./heads/group.ts";
import type { HeadResult, HeadRunner } from "./heads/head.ts";
import { callReader } from "./heads/call-reader.ts";
import { ReadHead } from "./heads/read.ts";
import { sourceReader } from "./heads/source-reader.ts";
import { SinkHead } from "./heads/sink.ts";
import { splitHead } from "./heads/split.ts";
import { keyGroupOf, partitionOf } from "./key-groups.ts";
import { KeyDictionary } from "./key-dictionary.ts";
import { isLive } from "./endless.ts";
import { generate } from "./generate.ts";
import { link, linkFreezing } from "./link.ts";
import { andThen, type MaybePromise } from "./maybe-promise.ts";
import { counted } from "./metric-container.ts";
import type { MakePanes } from "./groupings/load-panes.ts";
import { Passes } from "./passes.ts";
import { SessionGrouping } from "./groupings/session-grouping.ts";
import { SinglePaneGrouping } from "./groupings/single-pane-grouping.ts";
import { merges, type Grouping } from "./groupings/grouping.ts";
import { inputWindowingOf, viewAt, type Head, type Output, type Plan, type SlotSpec, type Stage } from "./plan.ts";
import type { Clock, Random, TemporaryStorage } from "./ports.ts";
import type { Cut } from "./scheduler.ts";
import { MemoryBudget } from "./spill/memory-budget.ts";
import { runFormatOf } from "./spill/run-format.ts";
import { KeyedHead } from "./heads/keyed.ts";
import { CombineViews } from "./side-inputs/combine-views.ts";
import { Gate, type Gated } from "./side-inputs/gate.ts";
import { ViewSlot } from "./side-inputs/view-slot.ts";
import type { Views } from "./side-inputs/views.ts";
import { statesOf } from "./state/keyed-context.ts";
import { BATCH_SIZE, KeyedSlot, PlainSlot, type GroupingNeeds, type Slot } from "./slot.ts";
import type { SlotKind } from "./slot-source.ts";
import { countsByCollection, StageLoop, type Pass } from "./stage-loop.ts";

/** What an executor is told about the run. */
export interface ExecutorContext {
  readonly plan: Plan;
  readonly options: Readonly<Record<string, unknown>>;
  readonly clock: Clock;
  readonly random: Random;
  readonly cut: Cut;
  /** Whether all batches stay on this thread, so that a grouping may share the dictionary of its keys with the stages before it. */
  readonly staysHere: boolean;
  /** Whether elements are frozen and all of them are looked at, so that mistakes show which a larger run would meet. */
  readonly isStrict: boolean;
  /** The views that steps read. */
  readonly views: Views;
  /** There where the plan needs it. */
  readonly makePanes: MakePanes | undefined;
  /** Where what does not fit into memory goes; nothing where all is kept in memory. */
  readonly storage: TemporaryStorage | undefined;
  /** Aborts when the run fails or is cancelled, so that sinks take back what they wrote. */
  readonly signal: AbortSignal;
  /** Is told that there may be something again of a part of a source that had nothing. */
  readonly onWake: (woken: Woken) => void;
}

/** What an executor has of a stage, once a bundle of it came. */
interface StageRuntime {
  readonly stage: Stage;
  readonly loop: StageLoop;
  readonly passes: Passes;
  /** By partition: only those that this executor runs. */
  readonly heads: Map<number, HeadRunner>;
}

/** How long a bundle of reads goes on, in ms. */
const READ_MS = 20;
const LONG_READ_MS = 100;

/** How long bundles that are out are waited for at the end of a run, in ms. */
const GRACE_MS = 1_000;

/** Runs bundles on the thread it is called on, and owns the state of the partitions whose bundles it is given. */
export class BundleExecutor {
  readonly #context: ExecutorContext;
  readonly #generatesCode: boolean;
  /** Nothing where batches are encoded anyway. */
  readonly #encodable: EncodableCheck | undefined;
  /** Bundles that wait for something outside. */
  readonly #out = new Set<Promise<BundleResult>>();
  readonly #runtimes: (StageRuntime | undefined)[] = [];
  /** By stage: what a step that waits may do at once, on this thread. */
  readonly #permits: Permits[] = [];
  readonly #dictionaries: KeyDictionary[][] = [];
  /** What all groupings of this thread may hold in memory. */
  readonly #budget: MemoryBudget | undefined;

  constructor(context: ExecutorContext) {
    this.#context = context;
    this.#budget = context.storage && new MemoryBudget(context.storage, context.cut.memoryBudget);
    this.#encodable = context.staysHere ? new EncodableCheck(context.plan, context.isStrict) : undefined;
    this.#generatesCode = context.cut.generatesCode !== false && !context.isStrict && mayGenerate();
  }

  /** A promise only where the stage reads, writes to a sink, or has an async lifecycle method; other stages stay synchronous. */
  run(bundle: Bundle): MaybePromise<BundleResult> {
    const result = this.#run(bundle);
    if (!(result instanceof Promise)) return result;
    this.#out.add(result);
    const isBack = (): void => void this.#out.delete(result);
    result.then(isBack, isBack);
    return result;
  }

  #run(bundle: Bundle): MaybePromise<BundleResult> {
    const runtime = (this.#runtimes[bundle.stage] ??= this.#runtimeOf(this.#context.plan.stages[bundle.stage]!));
    return andThen(runtime.passes.take(), (pass) => this.#runWith(runtime, pass, bundle));
  }

  #runWith(runtime: StageRuntime, pass: Pass, bundle: Bundle): MaybePromise<BundleResult> {
    const { loop, passes } = runtime;
    pass.processingTime = bundle.processingTime;
    const start = this.#context.clock.monotonic();
    let begun: HeadRunner | undefined;
    const failed = (error: unknown): Promise<never> => {
      begun?.rollBack?.();
      return passes.drop(pass, error);
    };
    try {
      const { ready, ...gated } = this.#gated(runtime, bundle);
      const head = andThen(loop.startBundle(pass), () => {
        begun = this.#headOf(runtime, bundle.partition);
        return begun.run({ ...bundle, batches: ready }, loop, pass);
      });
      const finished = andThen(head, (result) => andThen(loop.finishBundle(pass), () => result));
      const done = andThen(finished, (result) => this.#resultOf(bundle, runtime, pass, result, gated, start));
      return done instanceof Promise ? done.catch(failed) : done;
    } catch (error) {
      return failed(error);
    }
  }

  /** What of a bundle may be worked on now: side inputs have to be ready. */
  #gated({ stage }: StageRuntime, bundle: Bundle): Gated {
    const { views, plan } = this.#context;
    const { sides } = stage;
    if (sides.length === 0) return { ready: bundle.batches, blocked: [], ...NO_DROPS };
    const headDropsLate = "keyCoder" in stage.head;
    const keys = headDropsLate ? this.#keysOf(stage, bundle.partition) : undefined;
    return new Gate({ sides, views, windowing: inputWindowingOf(stage, plan.graph), keys, headDropsLate }).pass(bundle);
  }

  /** The keys that a partition of a stage by key has seen. */
  #keysOf({ head, id }: Stage, partition: number): KeyDictionary {
    const keys = (this.#dictionaries[id] ??= []);
    return (keys[partition] ??= new KeyDictionary("keyCoder" in head ? head.keyCoder : undefined));
  }

  /** Tells the head of a partition that its last bundle is committed. */
  async committed({ stage, partition }: Pick<Bundle, "stage" | "partition">): Promise<void> {
    try {
      await this.#runtimes[stage]?.heads.get(partition)?.committed?.();
    } catch (error) {
      throw lifecycleFailed(this.#context.plan.stages[stage]!.path, error);
    }
  }

  /**
   * Lets go of files that are open and of what DoFns have set up. Bundles that are still out are waited for, but not for
   * long: what they wait for may never come.
   */
  async close(): Promise<void> {
    await this.#allBack();
    const runtimes = this.#runtimes.filter((runtime) => runtime !== undefined);
    await closeAll(
      runtimes.flatMap(({ heads, passes, loop }) => [
        ...[...heads.values()].map((head) => () => head.close?.()),
        () => passes.close(),
        () => loop.close(),
      ]),
    );
  }

  #allBack(): Promise<void> {
    return new Promise((resolve) => {
      const stop = this.#context.clock.after(GRACE_MS, resolve);
      void Promise.allSettled(this.#out).then(() => {
        stop();
        resolve();
      });
    });
  }

  #runtimeOf(stage: Stage): StageRuntime {
    const { clock } = this.#context;
    const makeSlots = (): readonly Slot[] => stage.slots.map((slot, number) => this.#newSlot(stage, slot, number));
    return { stage, loop: this.#loopOf(stage), passes: new Passes(stage, makeSlots, clock.now), heads: new Map() };
  }

  #loopOf(stage: Stage): StageLoop {
    if (!this.#generatesCode) return new StageLoop(stage, this.#context, this.#context.isStrict ? linkFreezing : link);
    const kinds = stage.slots.map((slot, number) => this.#slotKind(stage, slot, number));
    const combiners = stage.slots.map((slot, number) => (kinds[number] === "folded" ? this.#groupAt(slot)!.fn : undefined));
    return new StageLoop(stage, this.#context, generate(kinds, combiners));
  }

  #slotKind(stage: Stage, slot: SlotSpec, number: number): SlotKind {
    const group = this.#groupAt(slot);
    if (this.#context.plan.stages[slot.target]?.head.kind === "keyed") return "keyedAndStamped";
    if (viewAt(this.#context.plan, slot.target) >= 0) return "called";
    if (group === undefined) return "plain";
    if (group.kept === "panes") return "keyedAndStamped";
    if (group.kept === "sessions") return "spanned";
    const isFolded = isFoldable(group) && this.#context.plan.stages[slot.target]!.sides.length === 0;
    return this.#generatesCode && isFolded && onlyKeyOf(stage, number) !== undefined ? "folded" : "keyed";
  }

  /** The grouping that a slot leads to, if it leads to one. */
  #groupAt({ target }: SlotSpec): GroupHead | undefined {
    const head = this.#context.plan.stages[target]?.head;
    return head?.kind === "group" ? head : undefined;
  }

  /** Whether a grouping has one partition, on this thread, so that the stages before it may leave keys in its dictionary. */
  #sharesKeys({ partitions }: Stage): boolean {
    return partitions === 1 && this.#context.staysHere;
  }

  #headOf({ stage, heads }: StageRuntime, partition: number): HeadRunner {
    let head = heads.get(partition);
    if (head === undefined) heads.set(partition, (head = this.#newHead(stage, partition)));
    return head;
  }

  #newHead(stage: Stage, partition: number): HeadRunner {
    const { head, path } = stage;
    const { cut, signal } = this.#context;
    switch (head.kind) {
      case "impulse":
      case "elements":
      case "testStream":
        return elementsHead;
      case "split":
        return splitHead(head.of, path, partsToRead(cut));
      case "read":
        return this.#newReadHead(stage, head, partition);
      case "group":
        return groupHead(path, this.#newGrouping(stage, head, partition), this.#keysOf(stage, partition), head.hasLateOutput);
      case "async":
        return new AsyncHead({
          ...this.#context,
          step: head.step,
          permits: (this.#permits[stage.id] ??= new Permits(concurrencyOf(head.step))),
        });
      case "keyed":
        return this.#newKeyedHead(stage, head, partition);
      case "sink":
        return new SinkHead(head.sink, path, signal);
    }
  }

  #newReadHead({ id, path }: Stage, { of, step }: Extract<Head, { kind: "read" }>, partition: number): ReadHead {
    const { clock, cut, signal, options, views, onWake, staysHere, plan } = this.#context;
    const { elementsPerBundle } = cut;
    // On a thread of its own a read that comes to an end holds nobody up, and fewer bundles mean fewer accumulators to send.
    const mostMs = staysHere || isLive(plan.graph) ? READ_MS : LONG_READ_MS;
    const common = { path, clock, signal, elementsPerBundle, mostMs, wake: (part: string) => onWake({ stage: id, partition, part }) };
    return new ReadHead(of.kind === "source" ? sourceReader(of, common) : callReader(of.doFn, { ...common, step, options, views }), common);
  }

  #newKeyedHead(stage: Stage, { doFn, windowing, lateOutput }: Extract<Head, { kind: "keyed" }>, partition: number): KeyedHead {
    const { isStrict } = this.#context;
    const looks = statesOf(doFn).map(
      ({ name, declaration }) => new StateCheck(`the ${declaration.kind} state "${name}"`, declaration.coder, stage.path, isStrict).look,
    );
    const keys = this.#keysOf(stage, partition);
    return new KeyedHead({ path: stage.path, doFn, windowing, keys, looks, hasLateOutput: lateOutput !== undefined });
  }

  #newGrouping(stage: Stage, head: Extract<Head, { kind: "group" }>, partition: number): Grouping {
    const { staysHere, isStrict } = this.#context;
    // Where accumulators are not sent, they are looked at all the same, so that a pipeline means the same on threads.
    const check = head.isCombine && staysHere ? new AccumulatorCheck(head.fn, stage.path, isStrict) : undefined;
    const look = check && ((accumulator: unknown) => check.look(accumulator));
    const scope = stage.sides.length === 0 ? undefined : new CombineViews(stage.sides, this.#context.views, stage.path);
    const spill = this.#budget && { budget: this.#budget, format: runFormatOf(stage, head, this.#context.plan.graph, this.#budget.bytes) };
    const emitsDefault = head.emitsDefault && partition === ownerOfDefault(stage);
    const spec = { ...head, path: stage.path, emitsDefault, scope, look, spill };
    const keys = this.#keysOf(stage, partition);
    switch (head.kept) {
      case "singlePane":
        return new SinglePaneGrouping(spec, keys, this.#generatesCode);
      case "sessions":
        return new SessionGrouping(spec, keys);
      case "merging":
      case "panes":
        return this.#context.makePanes!(head.kept, spec, keys);
    }
  }

  #newSlot(from: Stage, slot: SlotSpec, number: number): Slot {
    const { target, collection } = slot;
    const to = { target, collection };
    const stage = this.#context.plan.stages[target];
    const batchSize = Math.min(BATCH_SIZE, this.#context.cut.elementsPerBundle ?? BATCH_SIZE);
    const view = this.#context.plan.views[viewAt(this.#context.plan, target)];
    if (view !== undefined) return new ViewSlot(to, view.isGrouped);
    if (stage?.head.kind === "keyed")
      return this.#newKeyedSlot(to, stage, stage.head.keyCoder, { hasStamps: true, merges: false }, batchSize);
    if (stage?.head.kind === "group") {
      const inner = this.#newGroupSlot(to, stage, stage.head, batchSize);
      if (this.#slotKind(from, slot, number) !== "folded") return inner;
      const { key } = onlyKeyOf(from, number)!;
      return new FoldedSlot({ to, partition: ownerOf(key, stage), key, fn: stage.head.fn, path: stage.path }, inner);
    }
    // The parts of a source are few and long, so each travels alone.
    return new PlainSlot(to, stage?.partitions ?? 1, stage?.head.kind === "read" ? 1 : batchSize);
  }

  #newGroupSlot(
    to: Destination,
    stage: Stage,
    { fn, windowing, keyCoder, isCombine, kept }: GroupHead,
    capacity: number,
  ): KeyedSlot | ExchangeSlot {
    const needs = { hasStamps: kept === "panes", hasSpans: kept === "sessions", merges: merges(windowing) };
    // Lists would be as long combined as they are apart, panes need times, and elements of sessions hardly share a window.
    const isLifted = isCombine && kept === "singlePane" && stage.sides.length === 0;
    const lift = isLifted ? { fn, windowing, path: stage.path, generatesCode: this.#generatesCode } : undefined;
    return this.#newKeyedSlot(to, stage, keyCoder, needs, capacity, lift);
  }

  #newKeyedSlot(
    to: Destination,
    stage: Stage,
    keyCoder: AnyCoder,
    needs: GroupingNeeds,
    capacity: number,
    lift?: LiftSpec,
  ): KeyedSlot | ExchangeSlot {
    if (this.#sharesKeys(stage)) return new KeyedSlot(to, this.#keysOf(stage, 0), capacity, needs);
    return new ExchangeSlot({ to, partitions: stage.partitions, keyCoder, capacity, needs, lift });
  }

  #resultOf(
    { stage, partition }: Bundle,
    runtime: StageRuntime,
    pass: Pass,
    head: HeadResult,
    { blocked, droppedLate, lateSample }: Omit<Gated, "ready">,
    start: number,
  ): BundleResult {
    const batches = pass.slots.flatMap((slot) => slot.takeBatches());
    if (this.#encodable !== undefined) for (const batch of batches) this.#encodable.look(batch);
    const counts = countsByCollection(runtime.stage, pass.counts);
    const busy = counted(runtime.stage.path, "busy_ms", this.#context.clock.monotonic() - start);
    const late = { droppedLate: head.droppedLate + droppedLate, lateSample: [...head.lateSample, ...lateSample] };
    return {
      ...head,
      ...late,
      stage,
      partition,
      batches,
      blocked,
      counts,
      metrics: [...runtime.passes.giveBack(pass), ...head.metrics, ...busy],
    };
  }
}

/** What is dropped where nothing waits for side inputs. */
const NO_DROPS = { droppedLate: 0, droppedClosed: 0, lateSample: [] };

type GroupHead = Extract<Head, { kind: "group" }>;

/** Whether elements of one key may be combined before they are sent. */
const isFoldable = ({ isCombine, kept }: GroupHead): boolean => isCombine && kept === "singlePane";

/** The key that all elements of a slot have, where it is known and plain. */
function onlyKeyOf({ outputs, steps }: Stage, slot: number): { readonly key: unknown } | undefined {
  const feeds = ({ slots }: Output): boolean => slots.includes(slot);
  const feeders = steps.filter((step) => step.outputs.some(feeds));
  const [step] = feeders;
  if (outputs.some(feeds) || feeders.length !== 1 || step!.fn.kind !== "keyBy" || step!.failure !== undefined) return undefined;
  const { constant } = step!.fn;
  return constant === undefined || typeof constant.key === "object" ? undefined : constant;
}

const ownerOf = (key: unknown, { partitions }: Stage): number => partitionOf(keyGroupOf(key), partitions);

/** The partition that owns the key `undefined`, under which a combine of a whole collection works. */
const ownerOfDefault = (stage: Stage): number => ownerOf(undefined, stage);

/** More parts than partitions, so that one that is done early takes from the others. */
const partsToRead = ({ partitions = 1 }: Cut): number => (partitions === 1 ? 1 : 4 * partitions);
