import { averagePrice } from "./average-price.ts";
import { currency } from "./currency.ts";
import { highestBid } from "./highest-bid.ts";
import { hotItems } from "./hot-items.ts";
import { localItems } from "./local-items.ts";
import { logToShards } from "./log-to-shards.ts";
import { newUsers } from "./new-users.ts";
import { passThrough } from "./pass-through.ts";
import { bidsByProcessingTime } from "./processing-time.ts";
import { selection } from "./selection.ts";
import { sellingPrice } from "./selling-price.ts";
import { sideInputJoin } from "./side-input-join.ts";
import { userSessions } from "./user-sessions.ts";
import { winningBids } from "./winning-bids.ts";

/** The queries in the order of their numbers. */
export const queries = [
  passThrough,
  currency,
  selection,
  localItems,
  averagePrice,
  hotItems,
  sellingPrice,
  highestBid,
  newUsers,
  winningBids,
  logToShards,
  userSessions,
  bidsByProcessingTime,
  sideInputJoin,
] as const;
