import { asMap, create, filter, map, ptransform, type KV, type PCollection } from "millrace";
import { isBid, type Event } from "../model.ts";
import type { Query } from "../query.ts";

const rowOf = (i: number): KV<number, string> => [i, String(i)];

/** BOUNDED_SIDE_INPUT_JOIN: bids, each with a row of a small table. */
export const sideInputJoin: Query = {
  name: "q13",
  query: ({ sideInputRowCount }, p) =>
    ptransform("SideInputJoin", (events: PCollection<Event>) => {
      const rows = asMap(p.apply("Rows", create(Array.from({ length: sideInputRowCount }, (_, i) => rowOf(i)))));
      return events.apply("Bids", filter(isBid)).apply(
        "Join",
        map((bid, { sideInputs }) => ({ ...bid, extra: sideInputs.rows.get(bid.bidder % sideInputRowCount) }), { sideInputs: { rows } }),
      );
    }),
  byHand(events, { sideInputRowCount }) {
    const rows = new Map(Array.from({ length: sideInputRowCount }, (_, i) => rowOf(i)));
    const joined = [];
    for (const event of events) if (event.kind === "bid") joined.push({ ...event, extra: rows.get(event.bidder % sideInputRowCount) });
    return joined;
  },
};
