import { definePipeline, reify, tap, type IntervalWindow, type Reified } from "millrace";
import { smoke } from "./config.ts";
import { pacedEvents, type PacedConfig } from "./paced-source.ts";
import { queries } from "./queries/index.ts";

/** The knobs of queries whose panes are fired by the clock ten times a second. */
export const paced: PacedConfig = {
  ...smoke,
  events: Infinity,
  windowSize: 100,
  windowPeriod: 50,
  probDelayedEvent: 0,
  occasionalDelaySec: 3,
};

/** How long after the end of its window a pane fires, in ms of event time, where that is not at once. */
const firesAfter: Readonly<Record<string, number>> = { q11: 1_000 };

/**
 * When the event is due whose watermark makes a result's pane fire: the last one before the end of its window, since no other one
 * comes before that then; at the earliest that is one event before the end. A result that waits for nothing has the time of its own
 * event.
 */
export function causeOf(query: string, { timestamp, window }: Reified<unknown>, rate: number): number {
  const { start, end } = window as Partial<IntervalWindow>;
  return start === undefined ? timestamp : end! + (firesAfter[query] ?? 0) - 1_000 / rate;
}

/** Takes results. */
export type TakeResult = (result: Reified<unknown>) => void;

/** Who is given the results of the run that is started next, in the thread that runs it. */
let taker: TakeResult = () => {};
export const giveTo = (take: TakeResult): void => void (taker = take);

/** A query over events that come by the clock. */
export default definePipeline(
  import.meta.url,
  { options: { query: { type: "string", required: true }, config: { type: "string", default: "{}" } } },
  (p, { query: name, config: given }) => {
    const config = { ...paced, ...(JSON.parse(given) as Partial<PacedConfig>) };
    const { query } = queries.find((each) => each.name === name)!;
    const take = taker;
    p.apply("Events", pacedEvents(config)).apply("Query", query(config, p)).apply("Reify", reify()).apply("Take", tap(take));
  },
);
