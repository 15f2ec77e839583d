import { PipelineError, shortText } from "../../../sdk/errors.ts";
import type { BoundedSource, OffsetRange } from "../../../sdk/source.ts";
import { UNSTAMPED } from "../batch.ts";
import { sourceFailed } from "../failures.ts";
import { counted } from "../metric-container.ts";
import { PLAIN, type HeadRunner } from "./head.ts";

/** Gives the parts of a source, each an element, for the impulse that asks for them. */
export const splitHead = (source: BoundedSource<unknown, OffsetRange>, path: string, parts: number): HeadRunner => ({
  async run({ batches }, steps, pass) {
    let positions = 0;
    for (const { size } of batches) {
      for (let i = 0; i < size; i++) {
        const ranges = await partsOf(source, parts).catch((error: unknown) => {
          throw sourceFailed(path, error);
        });
        for (const { from, to } of ranges) if (Number.isFinite(to)) positions += to - from;
        steps.run(ranges, ranges.length, UNSTAMPED, pass);
      }
    }
    return { ...PLAIN, metrics: counted(path, "positions_total", positions) };
  },
});

async function partsOf(source: BoundedSource<unknown, OffsetRange>, parts: number): Promise<readonly OffsetRange[]> {
  const whole = checked(await source.restriction());
  const ranges = await source.split(whole, parts);
  // What holds nothing needs no read.
  return ranges.map(checked).filter(({ from, to }) => from < to);
}

function checked<R extends OffsetRange>(range: R): R {
  if (typeof range?.from === "number" && typeof range.to === "number" && range.from <= range.to) return range;
  throw new PipelineError("BAD_CLAIM", {
    what: "a source has a part that is no range",
    got: shortText(range),
    fix: "let restriction and split give records { from, to } with from ≤ to",
  });
}
