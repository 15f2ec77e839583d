import { getOrElse } from "fp-ts/lib/Either.js";
import { map, type CoderError } from "millrace";
import { eventCoder, type Event } from "../model.ts";
import type { Query } from "../query.ts";

const decoded = getOrElse((error: CoderError): Event => {
  throw new Error(error.message);
});

/** q0: every event through its coder and back. */
export const passThrough: Query = {
  name: "q0",
  query: () => map((event) => decoded(eventCoder.decode(eventCoder.encode(event)))),
  byHand: (events) => events.map((event) => JSON.parse(JSON.stringify(event))),
};
