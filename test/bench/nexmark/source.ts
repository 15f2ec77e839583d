import {
  boundedSource,
  manualWatermark,
  type BoundedSource,
  type Chunk,
  type Instant,
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
        // A read that stands still keeps what its variables hold, so the events are in none of them.
        yield chunkOf(generator, range, n, claimed, watermarkAt(n + claimed, config));
        n += claimed;
        if (n < end) return;
      }
    },
  };
}

function chunkOf(generator: NexmarkGenerator, share: Share, from: number, count: number, watermark: Instant): Chunk<Event> {
  const values: Event[] = [];
  const timestamps = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    const event = generator.event(share, from + i);
    values.push(event);
    timestamps[i] = event.dateTime;
  }
  return { values, timestamps, watermark };
}

/** All events, made beforehand, in the order in which one thread would read them: a chunk of each generator in turn. */
export function chunksOf(config: NexmarkConfig): readonly Chunk<Event>[] {
  const generator = new NexmarkGenerator(config);
  const shares = sharesOf(config);
  const longest = Math.max(...shares.map(({ count }) => count));
  const chunks: Chunk<Event>[] = [];
  for (let from = 0; from < longest; from += CHUNK) {
    // The generators that come next have yet to give what this one gives.
    const watermark = watermarkAt(from, config);
    for (const share of shares) {
      const count = Math.min(CHUNK, share.count - from);
      if (count > 0) chunks.push(chunkOf(generator, share, from, count, watermark));
    }
  }
  return chunks;
}

/** The same in one list, for those who want to do without a pipeline. */
export const eventsOf = (config: NexmarkConfig): readonly Event[] => chunksOf(config).flatMap(({ values }) => values);
