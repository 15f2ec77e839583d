import { coGroupByKey, filter, fixedWindows, flatMap, keyBy, ptransform, windowInto, type PCollection } from "millrace";
import { isAuction, isPerson, type Auction, type Event, type Person } from "../model.ts";
import type { Query } from "../query.ts";

type Selling = readonly [id: number, name: string, reserve: number];

const selling = ({ id, name }: Person, { reserve }: Auction): Selling => [id, name, reserve];

/** q8: who has put something up for auction in the window in which they came. */
export const newUsers: Query = {
  name: "q8",
  query: ({ windowSize }) =>
    ptransform("NewUsers", (events: PCollection<Event>) => {
      const windowed = events.apply("Window", windowInto(fixedWindows(windowSize)));
      const people = windowed.apply("People", filter(isPerson)).apply(
        "ById",
        keyBy(({ id }) => id),
      );
      const auctions = windowed.apply("Auctions", filter(isAuction)).apply(
        "BySeller",
        keyBy(({ seller }) => seller),
      );
      return coGroupByKey("Together", { people, auctions }).apply(
        "Selling",
        flatMap(
          ([
            ,
            {
              people: [person],
              auctions: theirs,
            },
          ]) => (person === undefined ? [] : Array.from(theirs, (auction) => selling(person, auction))),
        ),
      );
    }),
  byHand(events, { windowSize }) {
    const people = new Map<string, Person>();
    const auctions: (readonly [string, Auction])[] = [];
    for (const event of events) {
      const window = Math.floor(event.dateTime / windowSize);
      if (event.kind === "person") people.set(`${event.id} ${window}`, event);
      else if (event.kind === "auction") auctions.push([`${event.seller} ${window}`, event]);
    }
    return auctions.flatMap(([key, auction]) => {
      const person = people.get(key);
      return person === undefined ? [] : [selling(person, auction)];
    });
  },
};
