import {
  afterCount,
  countPerElement,
  filter,
  map,
  ptransform,
  repeatedly,
  seconds,
  sessions,
  windowInto,
  type KV,
  type PCollection,
} from "millrace";
import { isBid, type Event } from "../model.ts";
import type { Query } from "../query.ts";

/** q11: how many bids somebody has made in a session. */
export const userSessions: Query = {
  name: "q11",
  query: ({ windowSize, maxLogEvents }) =>
    ptransform("UserSessions", (events: PCollection<Event>) =>
      events
        .apply("Bids", filter(isBid))
        .apply(
          "Bidder",
          map(({ bidder }) => bidder),
        )
        .apply(
          "Window",
          windowInto(sessions(windowSize), {
            trigger: repeatedly(afterCount(maxLogEvents)),
            accumulation: "discarding",
            allowedLateness: seconds(1),
          }),
        )
        .apply("Count", countPerElement()),
    ),
  byHand(events, { windowSize }) {
    const times = new Map<number, number[]>();
    for (const event of events) {
      if (event.kind === "bid" && !times.get(event.bidder)?.push(event.dateTime)) times.set(event.bidder, [event.dateTime]);
    }
    const counts: KV<number, number>[] = [];
    for (const [bidder, all] of times) {
      all.sort((a, b) => a - b);
      let count = 0;
      all.forEach((time, i) => {
        count++;
        const next = all[i + 1];
        if (next !== undefined && next - time < windowSize) return;
        counts.push([bidder, count]);
        count = 0;
      });
    }
    return counts;
  },
};
