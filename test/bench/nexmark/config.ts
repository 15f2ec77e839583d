import { tmpdir } from "node:os";
import { join } from "node:path";
import { seconds, type Duration, type Instant } from "millrace";

/** The knobs of the benchmark, under the names that Beam's suite gives them. */
export interface NexmarkConfig {
  readonly events: number;
  /** Events a second of event time, of all generators together. */
  readonly rate: number;
  /** How many generators there are: each makes an equal share of the events, over the same stretch of time. */
  readonly numEventGenerators: number;
  /** Events come in groups of this size, out of order within. */
  readonly outOfOrderGroupSize: number;
  readonly baseTime: Instant;
  readonly firstEventId: number;
  readonly windowSize: Duration;
  readonly windowPeriod: Duration;
  readonly auctionSkip: number;
  readonly fanout: number;
  readonly maxAuctionsWaitingTime: Duration;
  readonly maxLogEvents: number;
  /** How many files a window is written to at least. */
  readonly logShards: number;
  /** Where they are written, and what lists them. */
  readonly logFolder: string;
  readonly sideInputRowCount: number;
  readonly numActivePeople: number;
  readonly numInFlightAuctions: number;
  readonly hotSellersRatio: number;
  readonly hotAuctionRatio: number;
  readonly hotBiddersRatio: number;
}

/** Those of the suite SMOKE. */
export const smoke: NexmarkConfig = {
  events: 100_000,
  rate: 10_000,
  numEventGenerators: 100,
  outOfOrderGroupSize: 1,
  baseTime: Date.UTC(2015, 6, 15),
  firstEventId: 0,
  windowSize: seconds(10),
  windowPeriod: seconds(5),
  auctionSkip: 123,
  fanout: 5,
  maxAuctionsWaitingTime: seconds(600),
  maxLogEvents: 100_000,
  logShards: 5,
  logFolder: join(tmpdir(), "millrace-nexmark-log"),
  sideInputRowCount: 500,
  numActivePeople: 1_000,
  numInFlightAuctions: 100,
  hotSellersRatio: 4,
  hotAuctionRatio: 2,
  hotBiddersRatio: 4,
};
