import type { PCollection, Pipeline, PTransform } from "millrace";
import type { NexmarkConfig } from "./config.ts";
import type { Event } from "./model.ts";

/** A query of the benchmark, as a transform and by hand. */
export interface Query {
  readonly name: string;
  readonly query: (config: NexmarkConfig, p: Pipeline) => PTransform<PCollection<Event>, PCollection<unknown>>;
  /** The same without the library: a plain loop over all events, in any order. */
  readonly byHand: (events: readonly Event[], config: NexmarkConfig) => readonly unknown[];
}
