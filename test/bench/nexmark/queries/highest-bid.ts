import { asSingleton, combineGlobally, filter, fixedWindows, map, max, ptransform, windowInto, type PCollection } from "millrace";
import { isBid, type Bid, type Event } from "../model.ts";
import type { Query } from "../query.ts";

/** q7: in each window the bids with the highest price. */
export const highestBid: Query = {
  name: "q7",
  query: ({ windowSize }) =>
    ptransform("HighestBid", (events: PCollection<Event>) => {
      const bids = events.apply("Bids", filter(isBid)).apply("Window", windowInto(fixedWindows(windowSize)));
      const highest = asSingleton(
        bids
          .apply(
            "Price",
            map(({ price }) => price),
          )
          .apply("Max", combineGlobally(max(), { defaults: false })),
      );
      return bids.apply(
        "Highest",
        filter(({ price }, { sideInputs }) => price === sideInputs.highest, { sideInputs: { highest } }),
      );
    }),
  byHand(events, { windowSize }) {
    const best = new Map<number, Bid[]>();
    for (const event of events) {
      if (event.kind !== "bid") continue;
      const window = Math.floor(event.dateTime / windowSize);
      const own = best.get(window);
      if (own === undefined || event.price > own[0]!.price) best.set(window, [event]);
      else if (event.price === own[0]!.price) own.push(event);
    }
    return [...best.values()].flat();
  },
};
