import {
  afterCount,
  combineFn,
  combinePerKey,
  globalWindows,
  keyBy,
  ptransform,
  repeatedly,
  windowInto,
  type KV,
  type PCollection,
} from "millrace";
import type { Bid, Event } from "../model.ts";
import type { Query } from "../query.ts";
import { winning, winningByHand, type AuctionBid } from "./winning-bids.ts";

const LAST = 10;

const byTimeThenPrice = (a: Bid, b: Bid): number => a.dateTime - b.dateTime || a.price - b.price;

const lastOf = (bids: readonly Bid[]): readonly Bid[] => bids.toSorted(byTimeThenPrice).slice(-LAST);

const meanOf = (bids: readonly Bid[]): number => Math.round(bids.reduce((sum, { price }) => sum + price, 0) / bids.length);

/** The mean price of the last bids that have won. */
const meanOfLast = combineFn({
  name: "meanOfLast",
  create: (): readonly Bid[] => [],
  add: (bids: readonly Bid[], { bid }: AuctionBid) => lastOf([...bids, bid]),
  merge: (a: readonly Bid[], b: readonly Bid[]) => lastOf([...a, ...b]),
  extract: meanOf,
});

/** q6: what a seller's last auctions brought on average, whenever one more has ended. */
export const sellingPrice: Query = {
  name: "q6",
  query: (config) =>
    ptransform("SellingPrice", (events: PCollection<Event>) =>
      events
        .apply(winning(config))
        .apply(
          "BySeller",
          keyBy(({ auction }) => auction.seller),
        )
        .apply("Window", windowInto(globalWindows(), { trigger: repeatedly(afterCount(1)), accumulation: "accumulating" }))
        .apply("Mean", combinePerKey(meanOfLast)),
    ),
  /** The last result of each seller. */
  byHand(events, config) {
    const bids = new Map<number, Bid[]>();
    for (const { auction, bid } of winningByHand(events, config)) {
      if (!bids.get(auction.seller)?.push(bid)) bids.set(auction.seller, [bid]);
    }
    return Array.from(bids, ([seller, all]): KV<number, number> => [seller, meanOf(lastOf(all))]);
  },
};
