import { canonicalKey } from "../../../sdk/coders/canonical-key.ts";
import { PipelineError, shortText } from "../../../sdk/errors.ts";
import type { OffsetRange } from "../../../sdk/source.ts";
import { MAX_INSTANT, MIN_INSTANT, NEVER, type Duration, type Instant } from "../../../sdk/time.ts";
import type { WatermarkEstimator } from "../../../sdk/watermark.ts";
import { globalWindow } from "../../../sdk/windows/global.ts";
import { isStamp, type Batch, type Stamp } from "../batch.ts";
import type { Bundle } from "../bundle.ts";
import { sourceFailed } from "../failures.ts";
import { counted, type MetricDelta } from "../metric-container.ts";
import type { PartStatus } from "../part-status.ts";
import type { Clock } from "../ports.ts";
import type { Resting } from "../rests.ts";
import { splitPoint } from "../split-point.ts";
import type { Pass, StageLoop } from "../stage-loop.ts";
import { isInstant } from "../timestamps.ts";
import { PLAIN, type HeadResult, type HeadRunner } from "./head.ts";
import { keptOf, MOST_KEPT, type Part, type Progress, type Reader, type Reading, type ReadSurroundings, type Turn } from "./reader.ts";

/** A part that cannot be told from others rests for so many ms at most, since it cannot be woken. */
const NAMELESS_MS = 100;

/** What is left to read is asked for every so many ms at most. */
const BACKLOG_MS = 1_000;

/** How many parts are told of. */
const MOST_TOLD = 16;

/** What of a turn is the same for all parts of a bundle. */
type BundleTurn = Omit<Turn, "until" | "estimator">;

/** What is kept of a part between bundles. */
interface OpenPart {
  /** Nothing where the last one has returned. */
  reading: Reading | undefined;
  readonly estimator: WatermarkEstimator | undefined;
  /** What it is a part of, in words. */
  readonly name: string;
  watermark: Instant;
  /** The processing time at which the watermark last moved, or it began. */
  movedAt: Instant;
  /** The processing time at which it last gave something out; nothing before. */
  lastElementAt: Instant | undefined;
  /** The processing time at which it began. */
  readonly beganAt: Instant;
  backlog: number | undefined;
  /** The time on the monotonic clock at which the backlog was last asked for. */
  backlogAt: number;
  /** Ends the subscription to what may wake it. */
  stopListening: () => void;
}

/** Reads parts of what is splittable. What a bundle has no room for is left as a residual: the same part from a later position on. */
export class ReadHead implements HeadRunner {
  readonly #reader: Reader;
  readonly #path: string;
  readonly #clock: Clock;
  readonly #wake: (part: string) => void;
  readonly #mostMs: Duration;
  readonly #mostElements: number;
  /** By what is left of the part, in its canonical form, since on threads the residual comes back as a copy. */
  readonly #open = new Map<string, OpenPart[]>();
  /** To be called when the last bundle is committed. */
  #onCommit: (() => void | Promise<void>)[] = [];
  #counts = { given: 0, dropped: 0, bytes: 0, positions: 0 };

  /** @param wake - is told of a part that rests that there may be something again. */
  constructor(
    reader: Reader,
    { path, clock, mostMs, elementsPerBundle, wake }: ReadSurroundings & { readonly wake: (part: string) => void },
  ) {
    this.#reader = reader;
    this.#path = path;
    this.#clock = clock;
    this.#wake = wake;
    this.#mostMs = mostMs;
    this.#mostElements = elementsPerBundle ?? Infinity;
  }

  async run({ batches, processingTime, isDraining, idle }: Bundle, steps: StageLoop, pass: Pass): Promise<HeadResult> {
    const { order, shareMs } = this.#reader;
    const end = this.#clock.monotonic() + this.#mostMs;
    const unread = order === "byWatermark" ? batches.toSorted((a, b) => a.earliest - b.earliest) : [...batches];
    const begun: Batch[] = [];
    const resting: Resting[] = [];
    await this.#reader.startBundle?.(processingTime);
    while (unread.length > 0 && this.#counts.given < this.#mostElements && keptOf(pass) < MOST_KEPT) {
      const now = this.#clock.monotonic();
      if (now >= end) break;
      const until = Math.min(end, now + shareMs);
      const left = await this.#readPart(unread.shift()!, { until, processingTime, steps, pass }, isDraining);
      if (left === undefined) continue;
      if ("part" in left) resting.push(left);
      else if (order === "byWatermark") putInOrder(unread, left);
      else begun.push(left);
    }
    // Where parts take turns, those that have had theirs come last.
    const left =
      order === "byTurns" ? [...unread, ...begun] : await this.#shared([...begun, ...unread], idle, { processingTime, steps, pass });
    await this.#reader.finishBundle?.(processingTime, steps, pass);
    const readBytes = this.#counts.bytes;
    const metrics = [...this.#takeCounts(), ...(this.#reader.takeMetrics?.() ?? [])];
    return {
      ...PLAIN,
      residuals: left,
      resting,
      readBytes,
      reading: this.#statuses(),
      wantsCommit: this.#onCommit.length > 0,
      metrics,
    };
  }

  /** How far the parts have got that hold the watermark back the most, where it moves while they are read. */
  #statuses(): readonly PartStatus[] {
    if (this.#reader.watermark === undefined) return NONE;
    const { idleTimeout = NEVER } = this.#reader;
    return Array.from(this.#open.values())
      .flat()
      .toSorted((a, b) => a.watermark - b.watermark)
      .slice(0, MOST_TOLD)
      .map((open) => ({
        part: open.name,
        watermark: open.watermark,
        movedAt: open.movedAt,
        lastElementAt: open.lastElementAt,
        idleFrom: idleFrom(open, idleTimeout),
        backlog: open.backlog,
      }));
  }

  /** Gives some of what is left to partitions that have nothing to do: whole parts, or where there are too few, pieces of one. */
  async #shared(left: readonly Batch[], idle: readonly number[], bundle: BundleTurn): Promise<readonly Batch[]> {
    if (idle.length === 0 || left.length === 0) return left;
    const { keep, inside } = splitPoint(left.length, 0, 0, 1 / (idle.length + 1));
    const first =
      inside === undefined ? left.slice(0, 1) : await this.#pieces(left[0]!, Math.ceil((idle.length + 1) / left.length), bundle);
    const pieces = [...first, ...left.slice(1)];
    const given: Batch[] = [];
    for (const piece of pieces.slice(keep)) {
      const batch = await this.#letGo(piece, bundle);
      if (batch !== undefined) given.push({ ...batch, partition: idle[given.length % idle.length]! });
    }
    return [...pieces.slice(0, keep), ...given];
  }

  /** A part in pieces, as far as it can be cut. */
  async #pieces(given: Batch, count: number, bundle: BundleTurn): Promise<readonly Batch[]> {
    if ((await this.#cut(given, count)).length < 2) return [given];
    const batch = await this.#letGo(given, bundle);
    return batch === undefined ? [] : this.#cut(batch, count);
  }

  async #cut(batch: Batch, count: number): Promise<readonly Batch[]> {
    const part = { ...this.#reader.partOf(batch.values[0]), stamp: stampOf(batch) };
    const ranges = await this.#reader.cut(part, count);
    if (ranges.length < 2 || !areOf(part.range, ranges)) return [batch];
    return ranges.map((range) => ({ ...batch, values: [this.#reader.valueOf(part, range)] }));
  }

  /** What is left of a part for others to read, once its read has given out all that it has claimed; nothing where that was all. */
  async #letGo(batch: Batch, bundle: BundleTurn): Promise<Batch | undefined> {
    const name = keyOf(batch.values[0]);
    const open = this.#pop(name);
    if (open?.reading === undefined) return batch;
    open.reading.stop();
    this.#keep(name, open);
    const left = await this.#readPart(batch, { ...bundle, until: Infinity }, false);
    if (left === undefined || "part" in left) return undefined; // what has an end never rests
    this.#pop(keyOf(left.values[0]));
    return left;
  }

  /** Calls what has asked for it, as its bundle is committed. */
  async committed(): Promise<void> {
    for (const call of this.#onCommit.splice(0)) await call();
  }

  /** What was counted since the last call. What sources had to drop is never lost silently. */
  #takeCounts(): readonly MetricDelta[] {
    const { dropped, bytes, positions } = this.#counts;
    this.#counts = { given: 0, dropped: 0, bytes: 0, positions: 0 };
    return [
      ...counted(this.#path, "dropped_overflow", dropped),
      ...counted(this.#path, "bytes", bytes),
      ...counted(this.#path, "positions_done", positions),
    ];
  }

  /** Reads on in a part until it or its share of the bundle ends; answers what is left of it. */
  async #readPart(batch: Batch, turn: BundleTurn & Pick<Turn, "until">, isDraining: boolean): Promise<Batch | Resting | undefined> {
    const { processingTime } = turn;
    const given = { ...this.#reader.partOf(batch.values[0]), stamp: stampOf(batch) };
    const givenName = keyOf(batch.values[0]);
    const open = this.#take(givenName, batch, processingTime);
    const { estimator } = open;
    const reading = (open.reading ??= this.#reader.open(given.range, processingTime));
    try {
      const range = isDraining ? this.#reader.truncate(given) : given.range;
      if (range === undefined) {
        await reading.close();
        return undefined;
      }
      const part = { ...given, range };
      const isNameless = givenName === undefined;
      const progress = await (isNameless ? readAtOnce(reading, part, { ...turn, estimator }) : reading.read(part, { ...turn, estimator }));
      const { left, rest, isOver, given: count, bytes, dropped, onCommit } = progress;
      this.#counts.given += count;
      this.#counts.bytes += bytes;
      this.#counts.dropped += dropped;
      this.#onCommit.push(...onCommit);
      const next = left?.from ?? given.range.to;
      if (Number.isFinite(given.range.to)) this.#counts.positions += next - given.range.from;
      if (isOver || isNameless) {
        await reading.close();
        open.reading = undefined;
      }
      if (left === undefined) return undefined;
      if (count > 0) open.lastElementAt = processingTime;
      this.#moveWatermark(open, processingTime);
      await this.#askBacklog(open, { ...given, range: left }, processingTime);
      if (rest !== undefined && open.backlog !== undefined) open.backlog = 0; // it has nothing for now
      const value = this.#reader.valueOf(given, left);
      const residual = { ...batch, values: [value], earliest: estimator ? open.watermark : batch.earliest };
      return this.#putAside(isNameless ? undefined : keyOf(value), residual, open, rest, processingTime);
    } catch (error) {
      await reading.close().catch(() => {}); // what failed first is what counts
      throw error;
    }
  }

  #putAside(part: string | undefined, batch: Batch, open: OpenPart, rest: Progress["rest"], processingTime: Instant): Batch | Resting {
    this.#keep(part, open);
    if (rest === undefined) return batch;
    const mayWake = part !== undefined && rest.wake !== undefined;
    if (mayWake) open.stopListening = rest.wake!(() => this.#wake(part));
    const { idleTimeout = NEVER } = this.#reader;
    // Without a name nobody can wake it.
    const after = part === undefined ? Math.min(rest.after, NAMELESS_MS) : rest.after;
    return { batch, part: part ?? "", until: processingTime + after, mayWake, idleFrom: idleFrom(open, idleTimeout) };
  }

  #keep(part: string | undefined, open: OpenPart): void {
    if (part !== undefined) this.#open.set(part, [open, ...(this.#open.get(part) ?? [])]);
  }

  #moveWatermark(open: OpenPart, processingTime: Instant): void {
    if (open.estimator === undefined) return;
    const { estimator } = open;
    const said = this.#asked(() => estimator.current(processingTime));
    // The end of time is when all is done; a part that is still read gets as far as elements may.
    const watermark = said <= MAX_INSTANT ? Math.min(said, globalWindow.maxTimestamp) : said;
    if (watermark < open.watermark || !(isInstant(watermark) || watermark === MIN_INSTANT)) {
      throw new PipelineError("BAD_WATERMARK", {
        what: "the watermark estimator of a source went back, or gave what is no instant",
        at: this.#path,
        got: `${shortText(watermark)} after ${open.watermark}`,
        fix: "let current(…) give the greatest of what it gave before and what it has found now",
      });
    }
    if (watermark > open.watermark) open.movedAt = processingTime;
    open.watermark = watermark;
  }

  /** What a policy for watermarks answers. */
  #asked<A>(ask: () => A): A {
    try {
      return ask();
    } catch (error) {
      throw sourceFailed(this.#path, error);
    }
  }

  /** Not more often than somebody looks. What is not a number says nothing. */
  async #askBacklog(open: OpenPart, part: Part, processingTime: Instant): Promise<void> {
    const now = this.#clock.monotonic();
    if (open.estimator === undefined || now - open.backlogAt < BACKLOG_MS) return;
    open.backlogAt = now;
    open.backlog = await this.#reader.backlogOf(part, processingTime);
  }

  /** Closes what is open. A read that waits for something outside is not waited for: it may never come. */
  async close(): Promise<void> {
    for (const { reading, stopListening } of [...this.#open.values()].flat()) {
      stopListening();
      await reading?.close();
    }
    this.#open.clear();
    await this.#reader.close?.();
  }

  #take(part: string | undefined, batch: Batch, processingTime: Instant): OpenPart {
    const open = this.#pop(part);
    if (open !== undefined) return open;
    const { element, range } = this.#reader.partOf(batch.values[0]);
    return {
      name: element === undefined ? rangeText(range) : shortText(element),
      reading: undefined,
      estimator: this.#asked(() => this.#reader.watermark?.begin(batch.earliest)),
      watermark: batch.earliest,
      movedAt: processingTime,
      lastElementAt: undefined,
      beganAt: processingTime,
      backlog: undefined,
      backlogAt: -Infinity,
      stopListening: nothing,
    };
  }

  /** Takes out what is kept of a part. Parts that are alike, of elements that are alike, have been read alike: any of them will do. */
  #pop(part: string | undefined): OpenPart | undefined {
    const [open, ...others] = (part === undefined ? undefined : this.#open.get(part)) ?? [];
    if (open === undefined) return undefined;
    if (others.length > 0) this.#open.set(part!, others);
    else this.#open.delete(part!);
    open.stopListening();
    open.stopListening = nothing;
    return open;
  }
}

const nothing = (): void => {};

/** Puts a part where its watermark belongs; most have got further than all others. */
function putInOrder(parts: Batch[], part: Batch): void {
  let at = parts.length;
  while (at > 0 && parts[at - 1]!.earliest > part.earliest) at--;
  parts.splice(at, 0, part);
}

/** A part has waited since its last element or, before the first one, since it began. */
const idleFrom = ({ lastElementAt, beganAt }: OpenPart, idleTimeout: Duration): Instant => (lastElementAt ?? beganAt) + idleTimeout;

/** What tells a range from others: what its source has added to it, or else where it begins and ends. */
function rangeText({ from, to, ...own }: OffsetRange): string {
  if (Object.keys(own).length > 0) return shortText(own);
  return to === Infinity ? `from ${from} on` : `from ${from} to ${to}`;
}

const NONE: readonly never[] = Object.freeze([]);

/** Whether pieces are all of a range, in order: a split that knows only of the whole of its source gives something else. */
const areOf = ({ from, to }: OffsetRange, pieces: readonly OffsetRange[]): boolean =>
  pieces.every((piece, i) => piece.from === (i === 0 ? from : pieces[i - 1]!.to)) && pieces.at(-1)!.to === to;

/** Reads in a part that nobody would find again: what it has claimed it gives out at once. */
async function readAtOnce(reading: Reading, part: Part, turn: Turn): Promise<Progress> {
  const first = await reading.read(part, turn);
  if (first.isOver || first.rest !== undefined) return first;
  reading.stop();
  const last = await reading.read(part, turn);
  return {
    ...last,
    given: first.given + last.given,
    bytes: first.bytes + last.bytes,
    dropped: first.dropped + last.dropped,
    onCommit: [...first.onCommit, ...last.onCommit],
  };
}

/** Tells parts apart; nothing for one that has no canonical form: its read is not kept. */
function keyOf(value: unknown): string | undefined {
  try {
    return canonicalKey(value);
  } catch {
    return undefined;
  }
}

/** A part is the only element of its batch. */
function stampOf({ stamps }: Batch): Stamp {
  if (isStamp(stamps)) return stamps;
  return { timestamp: stamps.timestamps[0]!, windows: stamps.windows[0]!, pane: stamps.panes[0]! };
}
