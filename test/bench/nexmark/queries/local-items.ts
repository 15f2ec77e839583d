import { bagState, eventTimer, filterMap, output, parDo, ptransform, valueState, type KV, type PCollection } from "millrace";
import { isAuction, isPerson, type Auction, type Event, type Person } from "../model.ts";
import type { Query } from "../query.ts";

const CATEGORY = 10;
const STATES: ReadonlySet<string> = new Set(["OR", "ID", "CA"]);

type Local = readonly [name: string, city: string, state: string, auction: number];

const found = ({ name, city, state }: Person, { id }: Auction): Local => [name, city, state, id];

/** q3: who in three states sells what in a category. Either may come first; a person is remembered, and auctions wait. */
export const localItems: Query = {
  name: "q3",
  query: ({ maxAuctionsWaitingTime }) =>
    ptransform("LocalItems", (events: PCollection<Event>) =>
      events
        .apply(
          "BySeller",
          filterMap((event): KV<number, Person | Auction> | undefined => {
            if (isAuction(event) && event.category === CATEGORY) return [event.seller, event];
            if (isPerson(event) && STATES.has(event.state)) return [event.id, event];
            return undefined;
          }),
        )
        .apply(
          "Join",
          parDo({
            state: { person: valueState<Person>(), waiting: bagState<Auction>() },
            timers: { forget: eventTimer() },
            output: output<Local>(),
            process([, event]: KV<number, Person | Auction>, { state, timers, timestamp, output: emit }) {
              if (event.kind === "person") {
                for (const auction of state.waiting.read()) emit(found(event, auction));
                state.waiting.clear();
                state.person.write(event);
              } else {
                const person = state.person.read();
                if (person === undefined) state.waiting.add(event);
                else emit(found(person, event));
              }
              timers.forget.set(timestamp + maxAuctionsWaitingTime);
            },
            onTimer: {
              forget({ state }) {
                state.person.clear();
                state.waiting.clear();
              },
            },
          }),
        ),
    ),
  byHand(events) {
    const people = new Map<number, Person>();
    const waiting = new Map<number, Auction[]>();
    const joined: Local[] = [];
    for (const event of events) {
      if (event.kind === "person" && STATES.has(event.state)) {
        people.set(event.id, event);
        for (const auction of waiting.get(event.id) ?? []) joined.push(found(event, auction));
        waiting.delete(event.id);
      } else if (event.kind === "auction" && event.category === CATEGORY) {
        const person = people.get(event.seller);
        if (person !== undefined) joined.push(found(person, event));
        else if (!waiting.get(event.seller)?.push(event)) waiting.set(event.seller, [event]);
      }
    }
    return joined;
  },
};
