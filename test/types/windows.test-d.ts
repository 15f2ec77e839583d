import {
  filterMap,
  fixedWindows,
  globalWindow,
  map,
  minutes,
  numberCoder,
  seconds,
  windowInto,
  type Coder,
  type Duration,
  type Instant,
  type IntervalWindow,
  type PCollection,
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
is<PCollection<Auction | Bid>>()(events.apply(windowInto(auctionOrBid(seconds(10)))));
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
