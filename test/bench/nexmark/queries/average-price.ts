import { combinePerKey, map, mean, ptransform, slidingWindows, windowInto, type KV, type PCollection } from "millrace";
import type { Event } from "../model.ts";
import type { Query } from "../query.ts";
import { windowsByHand } from "./by-hand.ts";
import { winning, winningByHand } from "./winning-bids.ts";

/** q4: what things of a category are sold for, on average over the last windows. */
export const averagePrice: Query = {
  name: "q4",
  query: (config) =>
    ptransform("AveragePrice", (events: PCollection<Event>) =>
      events
        .apply(winning(config))
        .apply(
          "ByCategory",
          map(({ auction, bid }): KV<number, number> => [auction.category, bid.price]),
        )
        .apply("Window", windowInto(slidingWindows(config.windowSize, config.windowPeriod)))
        .apply("Mean", combinePerKey(mean(), { fanout: config.fanout }))
        .apply(
          "Round",
          map(([category, price]): KV<number, number> => [category, Math.round(price)]),
        ),
    ),
  byHand(events, config) {
    const { windowSize, windowPeriod } = config;
    const sums = new Map<string, { category: number; sum: number; count: number }>();
    for (const { auction, bid } of winningByHand(events, config)) {
      for (const start of windowsByHand(auction.expires - 1, windowSize, windowPeriod)) {
        const key = `${start} ${auction.category}`;
        const own = sums.get(key);
        if (own === undefined) sums.set(key, { category: auction.category, sum: bid.price, count: 1 });
        else {
          own.sum += bid.price;
          own.count++;
        }
      }
    }
    return Array.from(sums.values(), ({ category, sum, count }) => [category, Math.round(sum / count)]);
  },
};
