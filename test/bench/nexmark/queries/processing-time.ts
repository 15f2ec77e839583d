import {
  afterProcessingTime,
  countPerElement,
  filter,
  globalWindows,
  map,
  ptransform,
  repeatedly,
  windowInto,
  type PCollection,
} from "millrace";
import { isBid, type Event } from "../model.ts";
import type { Query } from "../query.ts";

/** q12: how many bids somebody has made in some seconds of processing time. In a run that ends there is one such stretch. */
export const bidsByProcessingTime: Query = {
  name: "q12",
  query: ({ windowSize }) =>
    ptransform("BidsByProcessingTime", (events: PCollection<Event>) =>
      events
        .apply("Bids", filter(isBid))
        .apply(
          "Bidder",
          map(({ bidder }) => bidder),
        )
        .apply("Window", windowInto(globalWindows(), { trigger: repeatedly(afterProcessingTime(windowSize)), accumulation: "discarding" }))
        .apply("Count", countPerElement()),
    ),
  byHand(events) {
    const counts = new Map<number, number>();
    for (const event of events) if (event.kind === "bid") counts.set(event.bidder, (counts.get(event.bidder) ?? 0) + 1);
    return [...counts];
  },
};
