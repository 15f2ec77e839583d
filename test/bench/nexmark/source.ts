import {
  boundedSource,
  manualWatermark,
  type BoundedSource,
  type Chunk,
  type OffsetRange,
  type PCollection,
  type Pipeline,
  type PTransform,
} from "millrace";
import type { NexmarkConfig } from "./config.ts";
import { NexmarkGenerator, sharesOf, watermarkAt, type Share } from "./generator.ts";
import type { Event } from "./model.ts";

/** What a generator has still to make: the numbers of its events. */
interface GeneratorRange extends OffsetRange, Share {}

/** So many events at a time. */
const CHUNK = 512;

/** The events of all generators, with their times; each generator is a part. */
export const nexmarkEvents = (config: NexmarkConfig): PTransform<Pipeline, PCollection<Event>> => boundedSource(nexmarkSource(config));

export function nexmarkSource(config: NexmarkConfig): BoundedSource<Event, GeneratorRange> {
  const generator = new NexmarkGenerator(config);
  // A read that stands still keeps what its variables hold, so the events are in none of them.
  const chunkOf = (share: Share, from: number, count: number): Chunk<Event> => {
    const values: Event[] = [];
    const timestamps = new Float64Array(count);
    for (let i = 0; i < count; i++) {
      const event = generator.event(share, from + i);
      values.push(event);
      timestamps[i] = event.dateTime;
    }
    return { values, timestamps, watermark: watermarkAt(from + count, config) };
  };
  return {
    name: "NexmarkEvents",
    watermark: manualWatermark(),
    restriction: () => ({ from: 0, to: config.events, firstId: config.firstEventId, count: config.events }),
    split: ({ firstId, count, from, to }) => {
      if (from > 0 || count < config.events) return [{ firstId, count, from, to }];
      return sharesOf(config).map((share) => ({ ...share, from: 0, to: share.count }));
    },
    async *read(range, tracker) {
      for (let n = range.from; n < range.to;) {
        const end = Math.min(n + CHUNK, range.to);
        const claimed = tracker.claimRange!(n, end);
        yield chunkOf(range, n, claimed);
        n += claimed;
        if (n < end) return;
      }
    },
  };
}

/** All events in an array, for those who want to do without the generator: one share after the other. */
export function eventsOf(config: NexmarkConfig): readonly Event[] {
  const generator = new NexmarkGenerator(config);
  const events: Event[] = [];
  for (const share of sharesOf(config)) for (let n = 0; n < share.count; n++) events.push(generator.event(share, n));
  return events;
}
