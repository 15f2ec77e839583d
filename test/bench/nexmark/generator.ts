import type { Instant } from "millrace";
import type { NexmarkConfig } from "./config.ts";
import { JavaRandom } from "./java-random.ts";
import type { Auction, Bid, Event, Person } from "./model.ts";

const FIRST_PERSON_ID = 1_000;
const FIRST_AUCTION_ID = 1_000;
const FIRST_CATEGORY_ID = 10;
const CATEGORIES = 5;
/** Ids up to so many ahead of those that exist come up. */
const LEAD = 10;
/** Of so many ids that follow each other one is hot. */
const HOT = 100;
/** Of 50 events that follow each other one is a person, and then three are auctions. */
const IN_ALL = 50;
const PERSONS = 1;
const AUCTIONS = 3;

const FIRST_NAMES = ["Peter", "Paul", "Luke", "John", "Saul", "Vicky", "Kate", "Julie", "Sarah", "Deiter", "Walter"] as const;
const LAST_NAMES = ["Shultz", "Abrams", "Spencer", "White", "Bartels", "Walton", "Smith", "Jones", "Noris"] as const;
const CITIES = ["Phoenix", "Los Angeles", "San Francisco", "Boise", "Portland", "Bend", "Redmond", "Seattle", "Kent", "Cheyenne"] as const;
const STATES = ["AZ", "CA", "ID", "OR", "WA", "WY"] as const;

/** How large elements are on average, in bytes; what is missing is filled up. */
const SIZES = { person: 200, auction: 500, bid: 100 } as const;

/** The numbers of events that a generator makes: from the first up to, and without, the last. */
export interface Share {
  /** The id of its event 0. */
  readonly firstId: number;
  readonly count: number;
}

/** What each generator makes of all events. */
export function sharesOf({ events, numEventGenerators, firstEventId }: NexmarkConfig): readonly Share[] {
  const border = (i: number): number => Math.floor((i * events) / numEventGenerators);
  return Array.from({ length: numEventGenerators }, (_, i) => ({ firstId: firstEventId + border(i), count: border(i + 1) - border(i) }));
}

/** How long it is from one event of a generator to its next one, in microseconds. */
const delayOf = ({ rate, numEventGenerators }: NexmarkConfig): number =>
  Math.floor((1e6 + Math.floor(rate / 2)) / rate) * numEventGenerators;

/** When the event of a number is, of any generator. */
export const timeOf = (n: number, config: NexmarkConfig): Instant => config.baseTime + Math.floor((n * delayOf(config)) / 1_000);

/** When the event that comes as number `n` does, to fractions of a ms. */
export const dueOf = (n: number, config: NexmarkConfig): number => config.baseTime + (n * delayOf(config)) / 1_000;

/** Which event comes as number `n`, where they come out of order within groups. */
export function numberAt(n: number, { outOfOrderGroupSize: size }: NexmarkConfig): number {
  return size === 1 ? n : Math.floor(n / size) * size + ((n * 953) % size);
}

/** No event from number `n` on is earlier than this. */
export const watermarkAt = (n: number, config: NexmarkConfig): Instant =>
  timeOf(Math.floor(n / config.outOfOrderGroupSize) * config.outOfOrderGroupSize, config);

/** How long auctions last on average, in ms. */
export const expectedAuctionDuration = (config: NexmarkConfig): number =>
  Math.floor((delayOf(config) * Math.floor((config.numInFlightAuctions * IN_ALL) / AUCTIONS)) / 1_000);

const SPACE = 32;
const A = 97;
const THREE_LETTERS = 26 ** 3;
/** Letters by threes, one in each byte, for numbers from `1 - THREE_LETTERS`. Those of negative numbers lie below "a", as in Beam. */
const threes = Int32Array.from({ length: 2 * THREE_LETTERS - 1 }, (_, i) => {
  const number = i + 1 - THREE_LETTERS;
  const letterOf = (rest: number): number => A + (rest % 26);
  return letterOf(number) | (letterOf((number / 26) | 0) << 8) | (letterOf((number / 676) | 0) << 16);
});

/** Room for what fills up an element, and six letters more. */
const bytes = new Uint8Array(SIZES.auction * 2 + 6);
/** The same by two letters, the first of them in the lower byte. */
const pairs = new Uint16Array(bytes.buffer);

/** One letter for each byte, without looking at what the bytes are called with first. */
const { latin1Slice } = Buffer.prototype as unknown as { latin1Slice: (this: Uint8Array, from: number, to: number) => string };

/** Makes events as Beam's generator does: the same event of the same number, bit for bit, whoever makes it. */
export class NexmarkGenerator {
  readonly #config: NexmarkConfig;
  readonly #random = new JavaRandom();
  readonly #delay: number;

  constructor(config: NexmarkConfig) {
    this.#config = config;
    this.#delay = delayOf(config);
  }

  /** When its event of a number is: {@link timeOf}, without working out the delay each time. */
  timeOf(n: number): Instant {
    return this.#config.baseTime + Math.floor((n * this.#delay) / 1_000);
  }

  /** Event number `n` of a share. */
  event({ firstId }: Share, n: number): Event {
    const number = numberAt(n, this.#config);
    const id = firstId + number;
    const time = this.timeOf(number);
    this.#random.seed(id);
    const place = id % IN_ALL;
    if (place < PERSONS) return this.#person(id, time);
    return place < PERSONS + AUCTIONS ? this.#auction(id, number, time) : this.#bid(id, time);
  }

  #person(id: number, dateTime: Instant): Person {
    const random = this.#random;
    const name = `${FIRST_NAMES[random.nextInt(11)]!} ${LAST_NAMES[random.nextInt(9)]!}`;
    const emailAddress = `${this.#text(7)}@${this.#text(5)}.com`;
    const creditCard = [1, 2, 3, 4].map(() => String(random.nextInt(10_000)).padStart(4, "0")).join(" ");
    const city = CITIES[random.nextInt(10)]!;
    const state = STATES[random.nextInt(6)]!;
    const size = 8 + name.length + emailAddress.length + creditCard.length + city.length + state.length;
    const own = FIRST_PERSON_ID + lastPerson(id);
    return { kind: "person", id: own, name, emailAddress, creditCard, city, state, dateTime, extra: this.#extra(size, SIZES.person) };
  }

  #auction(id: number, number: number, dateTime: Instant): Auction {
    const { hotSellersRatio, numInFlightAuctions } = this.#config;
    const random = this.#random;
    const isHot = random.nextInt(hotSellersRatio) > 0;
    const seller = FIRST_PERSON_ID + (isHot ? Math.floor(lastPerson(id) / HOT) * HOT : this.#anyPerson(id));
    const category = FIRST_CATEGORY_ID + random.nextInt(CATEGORIES);
    const initialBid = this.#price();
    const horizon = this.timeOf(number + Math.floor((numInFlightAuctions * IN_ALL) / AUCTIONS)) - dateTime;
    const expires = dateTime + 1 + random.nextInt(Math.max(horizon * 2, 1));
    const itemName = this.#text(20);
    const description = this.#text(100);
    const reserve = initialBid + this.#price();
    const size = 8 + itemName.length + description.length + 5 * 8;
    return {
      kind: "auction",
      id: FIRST_AUCTION_ID + lastAuction(id),
      itemName,
      description,
      initialBid,
      reserve,
      dateTime,
      expires,
      seller,
      category,
      extra: this.#extra(size, SIZES.auction),
    };
  }

  #bid(id: number, dateTime: Instant): Bid {
    const { hotAuctionRatio, hotBiddersRatio } = this.#config;
    const isHotAuction = this.#random.nextInt(hotAuctionRatio) > 0;
    const auction = FIRST_AUCTION_ID + (isHotAuction ? Math.floor(lastAuction(id) / HOT) * HOT : this.#anyAuction(id));
    const isHotBidder = this.#random.nextInt(hotBiddersRatio) > 0;
    const bidder = FIRST_PERSON_ID + (isHotBidder ? Math.floor(lastPerson(id) / HOT) * HOT + 1 : this.#anyPerson(id));
    const price = this.#price();
    return { kind: "bid", auction, bidder, price, dateTime, extra: this.#extra(4 * 8, SIZES.bid) };
  }

  #anyPerson(id: number): number {
    const people = lastPerson(id) + 1;
    const active = Math.min(people, this.#config.numActivePeople);
    return people - active + this.#random.nextInt(active + LEAD);
  }

  #anyAuction(id: number): number {
    const most = lastAuction(id);
    const least = Math.max(most - this.#config.numInFlightAuctions, 0);
    return least + this.#random.nextInt(most - least + 1 + LEAD);
  }

  #price(): number {
    return Math.round(10 ** (this.#random.nextDouble() * 6) * 100);
  }

  #text(most: number): string {
    const random = this.#random;
    const length = 3 + random.nextInt(most - 3);
    for (let at = 0; at < length; at++) bytes[at] = random.nextInt(13) === 0 ? SPACE : A + random.nextInt(26);
    let [from, to] = [0, length];
    while (from < to && bytes[from] === SPACE) from++;
    while (to > from && bytes[to - 1] === SPACE) to--;
    return latin1Slice.call(bytes, from, to);
  }

  /** Letters, six of each number, to fill an element up to about its average size. */
  #extra(size: number, average: number): string {
    if (size > average) return "";
    const target = average - size;
    const delta = Math.round(target * 0.2);
    const left = target - delta + (delta === 0 ? 0 : this.#random.nextInt(2 * delta));
    const length = Math.max(left, 0);
    for (let at = 0; at * 2 < length; at += 3) {
      const bits = this.#random.nextInt32();
      const upper = (bits / THREE_LETTERS) | 0;
      const first = threes[bits - upper * THREE_LETTERS + THREE_LETTERS - 1]!;
      const second = threes[(upper % THREE_LETTERS) + THREE_LETTERS - 1]!;
      pairs[at] = first;
      pairs[at + 1] = (first >>> 16) | (second << 8);
      pairs[at + 2] = second >>> 8;
    }
    return latin1Slice.call(bytes, 0, length);
  }
}

/** The number of the last person that there is by an event. */
const lastPerson = (id: number): number => Math.floor(id / IN_ALL);

/** The number of the last auction that there is by an event. */
function lastAuction(id: number): number {
  const epoch = Math.floor(id / IN_ALL);
  const place = id % IN_ALL;
  if (place < PERSONS) return (epoch - 1) * AUCTIONS + AUCTIONS - 1;
  return epoch * AUCTIONS + (place < PERSONS + AUCTIONS ? place - PERSONS : AUCTIONS - 1);
}
