import {
  combineFn,
  combineGlobally,
  combinePerKey,
  count,
  filter,
  flatMap,
  keyBy,
  ptransform,
  slidingWindows,
  windowInto,
  type KV,
  type PCollection,
} from "millrace";
import { isBid, type Event } from "../model.ts";
import type { Query } from "../query.ts";
import { windowsByHand } from "./by-hand.ts";

type Counted = KV<number, number>;

/** Of pairs with counts, those with the highest. */
const hottest = combineFn({
  name: "hottest",
  create: (): readonly Counted[] => [],
  add: (best: readonly Counted[], item: Counted): readonly Counted[] => hotter(best, [item]),
  merge: (a: readonly Counted[], b: readonly Counted[]) => hotter(a, b),
  extract: (best: readonly Counted[]) => best,
});

function hotter(a: readonly Counted[], b: readonly Counted[]): readonly Counted[] {
  if (a.length === 0 || b.length === 0) return a.length === 0 ? b : a;
  const [most, other] = [a[0]![1], b[0]![1]];
  if (most === other) return [...a, ...b];
  return most > other ? a : b;
}

/** q5: in each window the auctions with the most bids. */
export const hotItems: Query = {
  name: "q5",
  query: ({ windowSize, windowPeriod, fanout }) =>
    ptransform("HotItems", (events: PCollection<Event>) =>
      events
        .apply("Bids", filter(isBid))
        .apply("Window", windowInto(slidingWindows(windowSize, windowPeriod)))
        .apply(
          "ByAuction",
          keyBy(({ auction }) => auction),
        )
        .apply("Count", combinePerKey(count()))
        .apply("Hottest", combineGlobally(hottest, { defaults: false, fanout }))
        .apply(
          "Each",
          flatMap((best) => best),
        ),
    ),
  byHand(events, { windowSize, windowPeriod }) {
    const windows = new Map<number, Map<number, number>>();
    for (const event of events) {
      if (event.kind !== "bid") continue;
      for (const start of windowsByHand(event.dateTime, windowSize, windowPeriod)) {
        let counts = windows.get(start);
        if (counts === undefined) windows.set(start, (counts = new Map()));
        counts.set(event.auction, (counts.get(event.auction) ?? 0) + 1);
      }
    }
    const hot: Counted[] = [];
    for (const counts of windows.values()) {
      const most = Math.max(...counts.values());
      for (const [auction, n] of counts) if (n === most) hot.push([auction, n]);
    }
    return hot;
  },
};
