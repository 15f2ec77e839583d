import { shortText } from "../../sdk/errors.ts";
import { MAX_INSTANT, MIN_INSTANT, type Instant } from "../../sdk/time.ts";
import { BadRecord } from "./bad-record.ts";
import type { Parsed } from "./record-format.ts";

/** The event times of elements. Throws {@link BadRecord} `BAD_TIMESTAMP` where there is none. */
export function timestampsOf<T>({ values, records }: Parsed<T>, timestampOf: (element: T) => Instant): Float64Array {
  const timestamps = new Float64Array(values.length);
  for (let i = 0; i < timestamps.length; i++) {
    try {
      timestamps[i] = instantOf(timestampOf, values[i]!);
    } catch (error) {
      throw badTimestamp(records?.[i] ?? i, values[i], error);
    }
  }
  return timestamps;
}

function instantOf<T>(timestampOf: (element: T) => Instant, value: T): Instant {
  const timestamp = timestampOf(value);
  if (Number.isInteger(timestamp) && timestamp >= MIN_INSTANT && timestamp <= MAX_INSTANT) return timestamp;
  throw new NoInstant(shortText(timestamp));
}

class NoInstant extends Error {}

function badTimestamp(record: number, value: unknown, error: unknown): BadRecord {
  const of = `for ${shortText(value)}`;
  if (!(error instanceof NoInstant)) {
    return new BadRecord(record, "BAD_TIMESTAMP", { what: "timestampOf threw", got: `${shortText(error)} ${of}`, cause: error });
  }
  return new BadRecord(record, "BAD_TIMESTAMP", {
    what: "timestampOf gave no instant",
    got: `${error.message} ${of}`,
    fix: "return whole milliseconds since the epoch, such as Date.parse gives for a text that is a date",
  });
}
