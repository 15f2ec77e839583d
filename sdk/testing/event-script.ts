import { mustBeDuration } from "../check.ts";
import { PipelineError, shortText } from "../errors.ts";
import type { TestStreamEvent } from "../graph.ts";
import { MAX_INSTANT, MIN_INSTANT, type Duration, type Instant } from "../time.ts";
import { globalWindow } from "../windows/global.ts";
import { At } from "./at.ts";

/** The events of a test stream, and how far the watermark of each of its streams is. It does not change: each event gives another one. */
export class EventScript {
  /** What happens, in this order. */
  readonly events: readonly TestStreamEvent[];
  readonly #watermarks: ReadonlyMap<string, Instant>;

  private constructor(events: readonly TestStreamEvent[], watermarks: ReadonlyMap<string, Instant>) {
    this.events = Object.freeze(events);
    this.#watermarks = watermarks;
  }

  /** Nothing has happened yet in the streams with these tags. */
  static of(tags: readonly string[]): EventScript {
    return new EventScript([], new Map(tags.map((tag) => [tag, MIN_INSTANT])));
  }

  /** Elements arrive together. One without a time of its own takes the watermark of its stream. No elements are no event. */
  addElements(tag: string, elements: readonly unknown[]): EventScript {
    const watermark = this.#watermarkOf(tag);
    if (elements.length === 0) return this;
    const timed = elements.map((element) =>
      element instanceof At ? { value: element.value as unknown, timestamp: element.timestamp } : { value: element, timestamp: watermark },
    );
    for (const { value, timestamp } of timed) mustBeTime(value, timestamp);
    return this.#with({ kind: "elements", tag, elements: Object.freeze(timed) });
  }

  /** The watermark of a stream moves on, or stays. */
  advanceWatermarkTo(tag: string, to: Instant): EventScript {
    const watermark = this.#watermarkOf(tag);
    if (!Number.isSafeInteger(to) || to < watermark || to >= MAX_INSTANT) {
      throw badEvent("a watermark is moved to where it cannot go", `from ${watermark} to ${shortText(to)}`, WATERMARK_FIX);
    }
    return this.#with({ kind: "watermark", tag, to });
  }

  /** A stream ends. */
  advanceWatermarkToInfinity(tag: string): EventScript {
    this.#watermarkOf(tag);
    return this.#with({ kind: "watermark", tag, to: MAX_INSTANT });
  }

  /** Processing time goes on. */
  advanceProcessingTime(by: Duration): EventScript {
    mustBeDuration("what processing time advances by", by, 0);
    return this.#with({ kind: "processingTime", by });
  }

  /** The same, with all streams brought to their ends. */
  ended(): EventScript {
    return [...this.#watermarks]
      .filter(([, watermark]) => watermark < MAX_INSTANT)
      .reduce<EventScript>((script, [tag]) => script.advanceWatermarkToInfinity(tag), this);
  }

  #with(event: TestStreamEvent): EventScript {
    const watermarks = event.kind === "watermark" ? new Map(this.#watermarks).set(event.tag, event.to) : this.#watermarks;
    return new EventScript([...this.events, Object.freeze(event)], watermarks);
  }

  /** How far a stream is; nothing happens any more in one that has ended. */
  #watermarkOf(tag: string): Instant {
    const watermark = this.#watermarks.get(tag);
    if (watermark === undefined) {
      throw badEvent("an event names a stream that the test stream does not have", shortText(tag), "declare it: testStreams({ … })");
    }
    if (watermark === MAX_INSTANT) throw badEvent("an event comes after its stream has ended", `the stream "${tag}"`, ENDED_FIX);
    return watermark;
  }
}

const WATERMARK_FIX = "it goes forward only, in whole milliseconds; to its end by advanceWatermarkToInfinity()";
const ENDED_FIX = "let advanceWatermarkToInfinity() be its last event";

function mustBeTime(value: unknown, timestamp: Instant): void {
  if (Number.isSafeInteger(timestamp) && timestamp >= MIN_INSTANT && timestamp <= globalWindow.maxTimestamp) return;
  throw badEvent(
    "an element is at a time that no element can have",
    `${shortText(value)} at ${shortText(timestamp)}`,
    "give whole milliseconds since the epoch, from MIN_INSTANT to a day before MAX_INSTANT",
  );
}

const badEvent = (what: string, got: string, fix: string): PipelineError => new PipelineError("BAD_TEST_STREAM", { what, got, fix });
