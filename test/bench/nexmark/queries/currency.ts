import { filter, map, ptransform, type PCollection } from "millrace";
import { isBid, type Event } from "../model.ts";
import type { Query } from "../query.ts";

const toEuro = (cents: number): number => Math.floor((cents * 89) / 100);

/** q1: bids, with their prices in another currency. */
export const currency: Query = {
  name: "q1",
  query: () =>
    ptransform("CurrencyConversion", (events: PCollection<Event>) =>
      events.apply("Bids", filter(isBid)).apply(
        "Convert",
        map((bid) => ({ ...bid, price: toEuro(bid.price) })),
      ),
    ),
  byHand(events) {
    const converted = [];
    for (const event of events) if (event.kind === "bid") converted.push({ ...event, price: toEuro(event.price) });
    return converted;
  },
};
