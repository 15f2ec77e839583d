import {
  days,
  manualWatermark,
  MAX_INSTANT,
  resume,
  seconds,
  unboundedSource,
  type Chunk,
  type Instant,
  type OffsetRange,
  type PCollection,
  type Pipeline,
  type PTransform,
  type Resume,
} from "millrace";
import type { NexmarkConfig } from "./config.ts";
import { dueOf, NexmarkGenerator, watermarkAt, type Share } from "./generator.ts";
import { JavaRandom } from "./java-random.ts";
import type { Event } from "./model.ts";

/** The knobs of events that come by the clock. Their rate and times are those of the clock, whatever the time of the first one. */
export interface PacedConfig extends NexmarkConfig {
  /** How likely it is that an event is held back, from 0 to 1. */
  readonly probDelayedEvent: number;
  /** For how long that is. */
  readonly occasionalDelaySec: number;
}

/** Events of one generator, which began at some time. */
interface PacedRange extends OffsetRange {
  readonly began: Instant;
}

/** So many events at a time. */
const CHUNK = 1_024;

/**
 * Events of one generator that come when they are due, at the rate of their event times: these are the times of the clock. A few are
 * held back, and come late. They end after as many as the config says, which may be `Infinity`.
 */
export const pacedEvents = (given: PacedConfig): PTransform<Pipeline, PCollection<Event>> =>
  unboundedSource<Event, PacedRange>({
    name: "PacedEvents",
    watermark: manualWatermark(),
    restriction: ({ processingTime }) => ({ from: 0, to: given.events, began: processingTime }),
    split: (whole) => [whole],
    async *read({ from, to, began }, tracker, ctx): AsyncGenerator<Chunk<Event> | Resume> {
      const arrivals = new Arrivals({ ...given, baseTime: began, numEventGenerators: 1 });
      for (let skipped = 0; skipped < from; skipped++) arrivals.take();
      for (let place = from; place < to;) {
        if (arrivals.due > ctx.processingTime) {
          yield resume({ after: 1 });
          continue;
        }
        const values: Event[] = [];
        let mayGoOn = true;
        while (values.length < CHUNK && arrivals.due <= ctx.processingTime && (mayGoOn = tracker.tryClaim(place))) {
          values.push(arrivals.take());
          place++;
        }
        if (values.length > 0) {
          const timestamps = Float64Array.from(values, ({ dateTime }) => dateTime);
          yield { values, timestamps, watermark: arrivals.watermark };
        }
        if (!mayGoOn) return;
      }
    },
  });

/** An event that comes later than it should. */
interface Held {
  readonly event: Event;
  readonly due: Instant;
}

/** All events in the order in which they come. */
class Arrivals {
  readonly #config: PacedConfig;
  readonly #generator: NexmarkGenerator;
  readonly #share: Share;
  readonly #random = new JavaRandom();
  /** All are held back equally long, so the first one that is comes first. */
  readonly #held: Held[] = [];
  #made = 0;

  constructor(config: PacedConfig) {
    this.#config = config;
    this.#generator = new NexmarkGenerator(config);
    this.#share = { firstId: config.firstEventId, count: config.events };
    this.#holdBack();
  }

  /** No event that is not held back is earlier; when only such events are left, all are late. */
  get watermark(): Instant {
    return this.#made < this.#config.events ? watermarkAt(this.#made, this.#config) : MAX_INSTANT - days(1);
  }

  /** When the next one comes; `Infinity` after the last one. */
  get due(): Instant {
    return Math.min(this.#nextDue, this.#held[0]?.due ?? Infinity);
  }

  get #nextDue(): Instant {
    return this.#made < this.#config.events ? dueOf(this.#made, this.#config) : Infinity;
  }

  take(): Event {
    const [held] = this.#held;
    if (held !== undefined && held.due <= this.#nextDue) return this.#held.shift()!.event;
    const event = this.#generator.event(this.#share, this.#made++);
    this.#holdBack();
    return event;
  }

  /** Lets go by the events that come next but are held back. */
  #holdBack(): void {
    const { probDelayedEvent, occasionalDelaySec } = this.#config;
    if (probDelayedEvent === 0) return;
    for (; this.#made < this.#config.events; this.#made++) {
      this.#random.seed(SALT + this.#made);
      // The first numbers of seeds that are neighbours are neighbours, too.
      this.#random.nextInt32();
      if (this.#random.nextDouble() >= probDelayedEvent) return;
      const event = this.#generator.event(this.#share, this.#made);
      this.#held.push({ event: { ...event, extra: `LATE: ${event.extra}` }, due: this.#nextDue + seconds(occasionalDelaySec) });
    }
  }
}

/** Which events are held back has nothing to do with what they are. */
const SALT = 2 ** 40;
