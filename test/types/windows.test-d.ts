import {
  calendarDays,
  calendarMonths,
  calendarWeeks,
  calendarYears,
  days,
  dynamicSessions,
  filterMap,
  fixedWindows,
  globalWindow,
  map,
  minutes,
  numberCoder,
  remerge,
  seconds,
  sessions,
  slidingWindows,
  windowInto,
  withWindowing,
  type Coder,
  type Duration,
  type Instant,
  type IntervalWindow,
  type PCollection,
  type Trigger,
  type Window,
  type WindowFn,
} from "millrace";
import { items, type Item } from "./inputs.ts";
import { is } from "./is.ts";

is<PCollection<Item>>()(items.apply(windowInto(fixedWindows(minutes(1)))));
is<PCollection<number>>()(
  items.pipe(
    windowInto(fixedWindows(seconds(3))),
    map((item) => item.amount),
  ),
);

is<PCollection<Item>>()(items.apply(windowInto(slidingWindows(days(1), minutes(1)))));
is<PCollection<number>>()(
  items.pipe(
    windowInto(dynamicSessions((item) => item.amount)),
    map((item) => item.amount),
  ),
);
is<PCollection<number>>()(
  items.pipe(
    windowInto(sessions(seconds(3))),
    map((item) => item.amount),
  ),
);
is<PCollection<Item>>()(items.apply(windowInto(calendarDays(1))));
is<PCollection<Item>>()(items.apply(windowInto(calendarDays(7, { startingDay: "2024-02-29", timeZone: "Europe/Berlin" }))));
is<PCollection<Item>>()(items.apply(windowInto(calendarWeeks(1, { startDayOfWeek: "sunday" }))));
is<PCollection<Item>>()(items.apply(windowInto(calendarMonths(3, { startingMonth: "2024-02", dayOfMonth: 15 }))));
is<PCollection<Item>>()(items.apply(windowInto(calendarYears(1, { monthOfYear: 4, dayOfMonth: 6, startingYear: 2000 }))));
// @ts-expect-error no day of the week
calendarWeeks(1, { startDayOfWeek: "someday" });
// @ts-expect-error an element has no such field
items.apply(windowInto(dynamicSessions((item) => item.gap)));

declare const trigger: Trigger;
const hourly = fixedWindows(minutes(60));
is<PCollection<Item>>()(items.apply(windowInto(hourly, { trigger, accumulation: "discarding", allowedLateness: minutes(5) })));
is<PCollection<Item>>()(items.apply(windowInto(hourly, { allowedLateness: minutes(5) })));
is<PCollection<Item>>()(items.apply(windowInto(hourly, { accumulation: "discarding", allowedLateness: minutes(5) })));
is<PCollection<Item>>()(
  items.apply(windowInto(hourly, { closing: "always", onTime: "ifNonEmpty", allowUnsafeTriggers: true, timestampCombiner: "latest" })),
);
is<PCollection<number>>()(
  items.pipe(
    withWindowing({ allowedLateness: minutes(1), closing: "always" }),
    map((item) => item.amount),
  ),
);
is<PCollection<Item>>()(items.apply(withWindowing({ trigger })));
is<PCollection<Item>>()(items.apply("W", withWindowing({ accumulation: "discarding" })));
is<PCollection<Item>>()(items.apply(remerge()));
// @ts-expect-error a trigger needs an accumulation mode
items.apply(windowInto(hourly, { trigger }));
// @ts-expect-error no such setting
items.apply(withWindowing({ lateness: 3 }));
// @ts-expect-error no such mode
items.apply(withWindowing({ accumulation: "retracting" }));
// @ts-expect-error no such combiner
items.apply(windowInto(hourly, { timestampCombiner: "middle" }));

// A window function of one's own that merges, after Nexmark's winning bids: the bids of an auction merge into its window.
interface AuctionWindow extends IntervalWindow {
  readonly auction: number;
  readonly isBid: boolean;
}
interface Auction {
  readonly kind: "auction";
  readonly id: number;
  readonly expires: Instant;
}
interface Bid {
  readonly kind: "bid";
  readonly auction: number;
  readonly price: number;
}
declare const auctionWindowCoder: Coder<AuctionWindow>;
declare const wideCoder: Coder<Window & { readonly windows: number }>;
declare const events: PCollection<Auction | Bid>;
declare const bids: PCollection<Bid>;

export const auctionOrBid = (span: Duration): WindowFn<Auction | Bid, AuctionWindow> => {
  const windowOf = (start: Instant, end: Instant, auction: number, isBid: boolean): AuctionWindow => ({
    start,
    end,
    maxTimestamp: end - 1,
    auction,
    isBid,
  });
  return {
    assign: ({ value: v, timestamp: t }) => [
      v.kind === "auction" ? windowOf(t, v.expires, v.id, false) : windowOf(t, t + 2 * span, v.auction, true),
    ],
    merge: (windows) =>
      windows
        .filter((window) => !window.isBid)
        .map((into) => ({ into, from: windows.filter((w) => w.auction === into.auction && w.start < into.end) })),
    windowCoder: auctionWindowCoder,
    isCompatible: (other) => other.windowCoder === auctionWindowCoder,
  };
};
is<PCollection<Auction | Bid>>()(events.apply(windowInto(auctionOrBid(seconds(10)), { allowedLateness: 0 })));
is<PCollection<Bid>>()(bids.apply(windowInto(auctionOrBid(seconds(10)))));
is<PCollection<number>>()(
  events.pipe(
    windowInto(auctionOrBid(3)),
    filterMap((e) => (e.kind === "bid" ? e.price : undefined)),
  ),
);
is<PCollection<Item>>()(
  items.apply(
    windowInto({
      assign: (e) => [{ maxTimestamp: e.value.at, windows: e.windows.length }],
      windowCoder: wideCoder,
      sideWindow: (t) => ({ maxTimestamp: t, windows: 1 }),
      isCompatible: () => false,
    }),
  ),
);
// @ts-expect-error it needs auctions or bids
items.apply(windowInto(auctionOrBid(3)));
// @ts-expect-error a coder of other windows
({ ...auctionOrBid(3), windowCoder: numberCoder }) satisfies WindowFn<Bid, AuctionWindow>;
// @ts-expect-error merge must give windows of its own kind
({ ...auctionOrBid(3), merge: (ws) => [{ from: ws, into: globalWindow }] }) satisfies WindowFn<Bid, AuctionWindow>;
