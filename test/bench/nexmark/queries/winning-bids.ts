import {
  combineFn,
  combinePerKey,
  filter,
  flatMap,
  keyBy,
  numberCoder,
  booleanCoder,
  ptransform,
  rowCoder,
  windowInto,
  type IntervalWindow,
  type PCollection,
  type WindowFn,
} from "millrace";
import type { NexmarkConfig } from "../config.ts";
import { expectedAuctionDuration } from "../generator.ts";
import { isAuction, isBid, type Auction, type Bid, type Event } from "../model.ts";
import type { Query } from "../query.ts";

/** The window of an auction, or that of a bid, which becomes the auction's. */
interface AuctionOrBid extends IntervalWindow {
  readonly auction: number;
  readonly isAuction: boolean;
}

/** An auction, and the bid that has got it. */
export interface AuctionBid {
  readonly auction: Auction;
  readonly bid: Bid;
}

const windowOf = (auction: number, isOfAuction: boolean, start: number, end: number): AuctionOrBid => ({
  start,
  end,
  maxTimestamp: end - 1,
  auction,
  isAuction: isOfAuction,
});

/** An auction is open for as long as it says; bids wait for theirs for twice as long as one lasts on average. */
const auctionWindows = (config: NexmarkConfig): WindowFn<Event, AuctionOrBid> => ({
  name: "auctions",
  assign({ value, timestamp }) {
    if (isAuction(value)) return [windowOf(value.id, true, timestamp, value.expires)];
    if (isBid(value)) return [windowOf(value.auction, false, timestamp, timestamp + 2 * expectedAuctionDuration(config))];
    return [];
  },
  hasGaps: true,
  merge(windows) {
    const auctions = windows.filter((window) => window.isAuction);
    return auctions.map((into) => ({
      into,
      from: windows.filter((each) => each === into || (!each.isAuction && each.auction === into.auction && each.start < into.end)),
    }));
  },
  windowCoder: rowCoder({ start: numberCoder, end: numberCoder, maxTimestamp: numberCoder, auction: numberCoder, isAuction: booleanCoder }),
  isCompatible: ({ name }) => name === "auctions",
});

const isBetter = (bid: Bid, than: Bid | undefined): boolean =>
  than === undefined || bid.price > than.price || (bid.price === than.price && bid.dateTime < than.dateTime);

const better = (a: Bid | undefined, b: Bid | undefined): Bid | undefined => (b !== undefined && isBetter(b, a) ? b : a);

/** An auction, if it is known, and the best bid for it. */
interface Offer {
  readonly auction: Auction | undefined;
  readonly bid: Bid | undefined;
}

/** A bid that is not the best is forgotten when it comes, where to group them would keep all of them. */
const bestOffer = combineFn({
  name: "bestOffer",
  create: (): Offer => ({ auction: undefined, bid: undefined }),
  add: ({ auction, bid }: Offer, event: Auction | Bid): Offer =>
    isBid(event) ? { auction, bid: better(bid, event) } : { auction: event, bid },
  merge: (a: Offer, b: Offer): Offer => ({ auction: a.auction ?? b.auction, bid: better(a.bid, b.bid) }),
  extract: (offer: Offer) => offer,
});

const auctionOf = (event: Auction | Bid): number => (isBid(event) ? event.auction : event.id);

/** Each auction that somebody has got, with the bid that has: at the end of the auction. */
export const winning = (config: NexmarkConfig) =>
  ptransform("WinningBids", (events: PCollection<Event>) =>
    events
      .apply("Window", windowInto(auctionWindows(config)))
      .apply(
        "AuctionsAndBids",
        filter((event) => isAuction(event) || isBid(event)),
      )
      .apply("ByAuction", keyBy(auctionOf))
      .apply("Best", combinePerKey(bestOffer))
      .apply(
        "Winner",
        flatMap(([, { auction, bid }]): readonly AuctionBid[] =>
          auction !== undefined && bid !== undefined && bid.price >= auction.reserve ? [{ auction, bid }] : [],
        ),
      ),
  );

function winnerOf(auction: Auction, bids: readonly Bid[]): AuctionBid | undefined {
  let best: Bid | undefined;
  for (const bid of bids) if (bid.price >= auction.reserve && isBetter(bid, best)) best = bid;
  return best === undefined ? undefined : { auction, bid: best };
}

/** The same by hand. A bid waits for its auction for as long as its window, and no longer. */
export function winningByHand(events: readonly Event[], config: NexmarkConfig): readonly AuctionBid[] {
  const wait = 2 * expectedAuctionDuration(config);
  const auctions = new Map<number, Auction>();
  const bids = new Map<number, Bid[]>();
  for (const event of events) {
    if (event.kind === "auction") auctions.set(event.id, event);
    else if (event.kind === "bid" && !bids.get(event.auction)?.push(event)) bids.set(event.auction, [event]);
  }
  const won: AuctionBid[] = [];
  for (const auction of auctions.values()) {
    const inTime = (bids.get(auction.id) ?? []).filter(({ dateTime }) => dateTime < auction.expires && auction.dateTime < dateTime + wait);
    const winner = winnerOf(auction, inTime);
    if (winner !== undefined) won.push(winner);
  }
  return won;
}

/** q9. */
export const winningBids: Query = { name: "q9", query: winning, byHand: winningByHand };
