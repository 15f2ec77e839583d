import { PipelineError, shortText } from "../../../sdk/errors.ts";
import type { Splittable } from "../../../sdk/graph.ts";
import type { OffsetRange } from "../../../sdk/source.ts";
import type { Instant } from "../../../sdk/time.ts";
import { isStamp, type Batch, type Stamp } from "../batch.ts";
import { sourceFailed, stepFailed } from "../failures.ts";
import { counted } from "../metric-container.ts";
import { PLAIN, type HeadRunner } from "./head.ts";

/** Gives the parts of what is splittable, each an element: of a source for the impulse that asks, of a DoFn for each element. */
export const splitHead = (of: Splittable, path: string, parts: number): HeadRunner => ({
  async run({ batches, processingTime }, steps, pass) {
    let positions = 0;
    for (const batch of batches) {
      for (let i = 0; i < batch.size; i++) {
        const element = batch.values[i];
        const ranges = await partsOf(of, element, parts, processingTime).catch((error: unknown) => {
          throw of.kind === "source" ? sourceFailed(path, error) : stepFailed(path, element, error);
        });
        for (const { from, to } of ranges) if (Number.isFinite(to)) positions += to - from;
        const values = of.kind === "source" ? ranges : ranges.map((range) => [element, range]);
        // A DoFn works once for each window of an element, and so on parts of their own.
        for (const stamp of stampsOf(batch, i)) steps.run(values, values.length, stamp, pass);
      }
    }
    return { ...PLAIN, metrics: counted(path, "positions_total", positions) };
  },
});

function stampsOf({ stamps }: Batch, i: number): readonly Stamp[] {
  const { timestamp, windows, pane } = isStamp(stamps)
    ? stamps
    : { timestamp: stamps.timestamps[i]!, windows: stamps.windows[i]!, pane: stamps.panes[i]! };
  return windows.map((window) => ({ timestamp, windows: [window], pane }));
}

async function partsOf(of: Splittable, element: unknown, parts: number, processingTime: Instant): Promise<readonly OffsetRange[]> {
  const ranges = await (of.kind === "source" ? splitSource(of, parts, processingTime) : splitElement(of, element, parts));
  // What holds nothing needs no read.
  return ranges.map(checked).filter(({ from, to }) => from < to);
}

async function splitSource(
  { source }: Extract<Splittable, { kind: "source" }>,
  parts: number,
  processingTime: Instant,
): Promise<readonly OffsetRange[]> {
  return source.split(checked(await source.restriction({ processingTime })), parts);
}

async function splitElement(
  { doFn }: Extract<Splittable, { kind: "doFn" }>,
  element: unknown,
  parts: number,
): Promise<readonly OffsetRange[]> {
  const whole = checked((await doFn.restriction(element)) as OffsetRange);
  return doFn.split === undefined ? [whole] : ((await doFn.split(whole, parts, element)) as readonly OffsetRange[]);
}

function checked<R extends OffsetRange>(range: R): R {
  if (typeof range?.from === "number" && typeof range.to === "number" && range.from <= range.to) return range;
  throw new PipelineError("BAD_CLAIM", {
    what: "a source has a part that is no range",
    got: shortText(range),
    fix: "let restriction and split give records { from, to } with from ≤ to",
  });
}
