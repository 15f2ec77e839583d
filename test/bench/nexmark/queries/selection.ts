import { filter, map, ptransform, type KV, type PCollection } from "millrace";
import { isBid, type Event } from "../model.ts";
import type { Query } from "../query.ts";

/** q2: the prices of bids for some auctions. */
export const selection: Query = {
  name: "q2",
  query: ({ auctionSkip }) =>
    ptransform("Selection", (events: PCollection<Event>) =>
      events
        .apply("Bids", filter(isBid))
        .apply(
          "Some",
          filter(({ auction }) => auction % auctionSkip === 0),
        )
        .apply(
          "Price",
          map(({ auction, price }): KV<number, number> => [auction, price]),
        ),
    ),
  byHand(events, { auctionSkip }) {
    const selected = [];
    for (const event of events) if (event.kind === "bid" && event.auction % auctionSkip === 0) selected.push([event.auction, event.price]);
    return selected;
  },
};
