import { mustBeDuration, mustBeWhole } from "../../sdk/check.ts";
import { stringCoder } from "../../sdk/coders/string.ts";
import { PipelineError, shortText } from "../../sdk/errors.ts";
import type { PCollection, Pipeline, PTransform } from "../../sdk/pipeline.ts";
import { resume, type Resume } from "../../sdk/resume.ts";
import { claimRange, type Chunk, type OffsetRange, type Tracker } from "../../sdk/source.ts";
import { seconds, type Duration, type Instant } from "../../sdk/time.ts";
import { unboundedSource } from "../../sdk/transforms/unbounded-source.ts";
import { watermarkOf, type LineTimes } from "../lines/line-times.ts";
import { TailedFile } from "./tailed-file.ts";

/** How {@link tailText} follows a file. */
export interface TailTextOptions extends LineTimes {
  /** Where it begins: with what is in the file, or with what is added to it. `"start"` unless given. */
  readonly from?: "start" | "end";
  /** How often the file is looked at, in ms, where the system does not tell of its changes; a second unless given. */
  readonly pollInterval?: Duration;
  /** How long a line may be, in bytes; 16 MiB unless given. */
  readonly maxLineBytes?: number;
}

/**
 * Reads the lines of a text file, and then those that are added to it, until the run is stopped, as `tail -F` does. The file need not be
 * there yet. When another one gets its name, as logs do that are rotated, the old one is read to its end and then the new one; a file
 * that is cut short is read from its beginning.
 *
 * Shape: `Pipeline` → unbounded `PCollection<string>`, on `rxjsRunner()` and `threadsRunner()`. A line ends in LF or CRLF, and is read
 * when its end is there; one that has none when the file is replaced or cut short is a line. Bytes that are no UTF-8 become U+FFFD. The
 * order of lines is kept. What a run has not read the next one finds again only if it begins at the start.
 *
 * @param path - the file, which is no pattern.
 * @throws PipelineError `BAD_ARGUMENT` for a setting out of range, or event times without a watermark. From the run: `READ_FAILED`, with
 * the path, when the file may not be read, is none, or has a line that is too long; `BAD_TIMESTAMP` when `timestampOf` gives no instant.
 *
 * @example
 * ```ts
 * p.apply(tailText("/var/log/app.log", { from: "end" })).apply(filter((line) => line.includes("ERROR")));
 * ```
 */
export function tailText(path: string, options: TailTextOptions = {}): PTransform<Pipeline, PCollection<string>> {
  const { from = "start", pollInterval = seconds(1), maxLineBytes = 16 * 1_024 * 1_024, timestampOf, idleTimeout } = options;
  if (typeof path !== "string" || path === "") {
    throw new PipelineError("BAD_ARGUMENT", { what: "the path of tailText is that of one file", got: shortText(path) });
  }
  if (from !== "start" && from !== "end") {
    throw new PipelineError("BAD_ARGUMENT", {
      what: 'tailText begins from the "start" of its file, or from its "end"',
      got: shortText(from),
    });
  }
  mustBeDuration("the poll interval of tailText", pollInterval, 1);
  mustBeWhole("maxLineBytes of tailText", maxLineBytes, 1);
  // One for the whole run: a read that is stopped and taken up again goes on where that was.
  let tailed: TailedFile | undefined;
  const theFile = (): TailedFile => (tailed ??= new TailedFile({ path, startsAtEnd: from === "end", maxLineBytes }));
  return unboundedSource<string, OffsetRange>({
    name: "TailText",
    coder: stringCoder,
    watermark: watermarkOf("tailText", options),
    ...(idleTimeout === undefined ? {} : { idleTimeout }),
    restriction: () => ({ from: 0, to: Infinity }),
    split: (whole) => [whole],
    backlog: () => theFile().backlog(),
    read: (range, tracker, { signal }) => chunks(theFile(), range, tracker, signal, { pollInterval, timestampOf }),
  });
}

/** What the lines are read with. */
interface Reading {
  readonly pollInterval: Duration;
  readonly timestampOf: ((line: string) => Instant) | undefined;
}

async function* chunks(
  file: TailedFile,
  { from }: OffsetRange,
  tracker: Tracker,
  signal: AbortSignal,
  { pollInterval, timestampOf }: Reading,
): AsyncIterable<Chunk<string> | Resume> {
  let isStopped = false;
  // One that is stopped goes on with another read.
  signal.addEventListener("abort", () => isStopped || void file.close(), { once: true });
  for (let position = from; ;) {
    const { lines, bytes } = await file.read();
    if (lines.length === 0) {
      yield resume({ after: pollInterval, wake: (notify) => file.onChange(notify) });
      continue;
    }
    const claimed = claimRange(tracker, position, position + lines.length);
    position += claimed;
    isStopped = claimed < lines.length;
    if (isStopped) file.putBack(lines.slice(claimed));
    const values = isStopped ? lines.slice(0, claimed) : lines;
    yield timestampOf === undefined ? { values, bytes } : { values, bytes, timestamps: Float64Array.from(values, timestampOf) };
    if (isStopped) return;
  }
}
