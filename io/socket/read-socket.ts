import { mustBeDuration, mustBeWhole } from "../../sdk/check.ts";
import { stringCoder } from "../../sdk/coders/string.ts";
import { PipelineError, shortText } from "../../sdk/errors.ts";
import type { PCollection, Pipeline, PTransform } from "../../sdk/pipeline.ts";
import { resume, type Resume } from "../../sdk/resume.ts";
import { claimRange, type Chunk, type OffsetRange, type Tracker } from "../../sdk/source.ts";
import { NEVER, seconds, type Duration, type Instant } from "../../sdk/time.ts";
import { unboundedSource } from "../../sdk/transforms/unbounded-source.ts";
import { watermarkOf, type LineTimes } from "../lines/line-times.ts";
import { SocketLines } from "./socket-lines.ts";

/** Which connection {@link readSocket} reads, and how. */
export interface ReadSocketOptions extends LineTimes {
  /** The name or the address of the peer. */
  readonly host: string;
  /** From 1 to 65535. */
  readonly port: number;
  /** After how long the run fails where no connection is made, in ms; ten seconds unless given. */
  readonly connectTimeout?: Duration;
  /** After how long without a byte the run fails, in ms; never unless given, since silence may be right. */
  readonly timeout?: Duration;
  /** How long a line may be, in bytes; 1 MiB unless given. */
  readonly maxLineBytes?: number;
  /** How many bytes of lines may wait to be read before the peer is slowed down; 1 MiB unless given. */
  readonly bufferBytes?: number;
}

/**
 * Reads the lines that a TCP peer sends, until it closes the connection. It is made when the run begins to read.
 *
 * Shape: `Pipeline` → unbounded `PCollection<string>`, on `rxjsRunner()` and `threadsRunner()`. Lines end with LF or CRLF; what the
 * peer leaves without an end when it closes is a line. Bytes that are no UTF-8 become U+FFFD. A pipeline that is slower than its
 * peer slows it down. What was sent while nobody was connected is not there to be read.
 *
 * @throws PipelineError `BAD_ARGUMENT` for a setting out of range, or event times without a watermark. From the run: `READ_FAILED`,
 * with host and port, when the connection fails or is not made in time, when nothing comes for too long, or a line is too long.
 *
 * @example
 * ```ts
 * p.apply(readSocket({ host: "localhost", port: 9999 })).apply(windowInto(fixedWindows(seconds(5))));
 * ```
 */
export function readSocket(options: ReadSocketOptions): PTransform<Pipeline, PCollection<string>> {
  const { host, port, timestampOf, idleTimeout } = options;
  const { connectTimeout = seconds(10), timeout = NEVER, maxLineBytes = MIB, bufferBytes = MIB } = options;
  if (typeof host !== "string" || host === "") {
    throw new PipelineError("BAD_ARGUMENT", { what: "the host of readSocket is a name or an address", got: shortText(host) });
  }
  mustBeWhole("the port of readSocket", port, 1);
  if (port > 65_535) throw new PipelineError("BAD_ARGUMENT", { what: "the port of readSocket is 65535 at most", got: String(port) });
  mustBeDuration("the connect timeout of readSocket", connectTimeout, 1);
  if (timeout !== NEVER) mustBeDuration("the timeout of readSocket", timeout, 1);
  mustBeWhole("maxLineBytes of readSocket", maxLineBytes, 1);
  mustBeWhole("bufferBytes of readSocket", bufferBytes, 1);
  // One connection for the whole run: a read that is stopped and taken up again goes on with what has come meanwhile.
  let connection: SocketLines | undefined;
  const theConnection = (): SocketLines =>
    (connection ??= new SocketLines({ host, port, connectTimeout, timeout, maxLineBytes, bufferBytes }));
  return unboundedSource<string, OffsetRange>({
    name: "ReadSocket",
    coder: stringCoder,
    watermark: watermarkOf("readSocket", options),
    ...(idleTimeout === undefined ? {} : { idleTimeout }),
    restriction: () => ({ from: 0, to: Infinity }),
    split: (whole) => [whole],
    read: (range, tracker, { signal }) => chunks(theConnection(), range, tracker, signal, timestampOf),
  });
}

const MIB = 1_024 * 1_024;

/** How long a read rests at most, in ms: it is woken when something comes, and meanwhile the clock lets windows end. */
const REST_MS = 100;

async function* chunks(
  connection: SocketLines,
  { from, to }: OffsetRange,
  tracker: Tracker,
  signal: AbortSignal,
  timestampOf: ((line: string) => Instant) | undefined,
): AsyncIterable<Chunk<string> | Resume> {
  let isStopped = false;
  // One that is stopped goes on with another read.
  signal.addEventListener("abort", () => isStopped || connection.close(), { once: true });
  for (let position = from; ;) {
    const { lines, bytes, isOver } = connection.take();
    if (lines.length === 0 && !isOver) {
      yield resume({ after: REST_MS, wake: (notify) => connection.onArrival(notify) });
      continue;
    }
    const claimed = lines.length === 0 ? 0 : claimRange(tracker, position, position + lines.length);
    position += claimed;
    connection.putBack(lines.slice(claimed));
    const values = claimed === lines.length ? lines : lines.slice(0, claimed);
    yield timestampOf === undefined ? { values, bytes } : { values, bytes, timestamps: Float64Array.from(values, timestampOf) };
    isStopped = claimed < lines.length;
    if (isStopped) return;
    if (!isOver) continue;
    tracker.tryClaim(to);
    return;
  }
}
