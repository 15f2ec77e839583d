import { literalCoder, numberCoder, rowCoder, stringCoder, unionCoder, type Coder, type Instant } from "millrace";

/** Somebody who puts things up for auction, or bids for them. */
export interface Person {
  readonly kind: "person";
  readonly id: number;
  readonly name: string;
  readonly emailAddress: string;
  readonly creditCard: string;
  readonly city: string;
  readonly state: string;
  readonly dateTime: Instant;
  readonly extra: string;
}

/** Something that is sold to who bids most. */
export interface Auction {
  readonly kind: "auction";
  readonly id: number;
  readonly itemName: string;
  readonly description: string;
  /** In cents. */
  readonly initialBid: number;
  /** In cents: who bids less does not get it. */
  readonly reserve: number;
  readonly dateTime: Instant;
  readonly expires: Instant;
  /** The id of a person. */
  readonly seller: number;
  readonly category: number;
  readonly extra: string;
}

/** An offer for an auction. */
export interface Bid {
  readonly kind: "bid";
  /** The id of an auction, which may come later. */
  readonly auction: number;
  /** The id of a person, who may come later. */
  readonly bidder: number;
  /** In cents. */
  readonly price: number;
  readonly dateTime: Instant;
  readonly extra: string;
}

export type Event = Person | Auction | Bid;

/** Beam's suite has a coder for its events, too. */
export const eventCoder: Coder<Event> = unionCoder(({ kind }) => kind, {
  person: rowCoder({
    kind: literalCoder("person"),
    id: numberCoder,
    name: stringCoder,
    emailAddress: stringCoder,
    creditCard: stringCoder,
    city: stringCoder,
    state: stringCoder,
    dateTime: numberCoder,
    extra: stringCoder,
  }),
  auction: rowCoder({
    kind: literalCoder("auction"),
    id: numberCoder,
    itemName: stringCoder,
    description: stringCoder,
    initialBid: numberCoder,
    reserve: numberCoder,
    dateTime: numberCoder,
    expires: numberCoder,
    seller: numberCoder,
    category: numberCoder,
    extra: stringCoder,
  }),
  bid: rowCoder({
    kind: literalCoder("bid"),
    auction: numberCoder,
    bidder: numberCoder,
    price: numberCoder,
    dateTime: numberCoder,
    extra: stringCoder,
  }),
});

export const isPerson = (event: Event): event is Person => event.kind === "person";
export const isAuction = (event: Event): event is Auction => event.kind === "auction";
export const isBid = (event: Event): event is Bid => event.kind === "bid";
