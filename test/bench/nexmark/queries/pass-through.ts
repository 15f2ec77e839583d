import { getOrElse } from "fp-ts/lib/Either.js";
import { map, structuralCoder } from "millrace";
import type { Query } from "../query.ts";

const decoded = getOrElse((error: unknown): unknown => {
  throw error;
});

/** q0: every event through its coder and back. */
export const passThrough: Query = {
  name: "q0",
  query: () => map((event) => decoded(structuralCoder.decode(structuralCoder.encode(event)))),
  byHand: (events) => events.map((event) => JSON.parse(JSON.stringify(event))),
};
