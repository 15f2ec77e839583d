import type { Instant } from "../../../sdk/time.ts";
import type { IntervalWindow, Window } from "../../../sdk/windowing.ts";

/** Something that has an interval for its window. */
interface Spanning {
  readonly window: Window;
}

/** Elements that come, and what is there already, whose intervals overlap, directly or through others. */
export interface Overlap<There, Coming> {
  start: Instant;
  end: Instant;
  /** In the order of their starts. */
  readonly there: There[];
  readonly coming: Coming[];
  /** Whether they have different intervals. */
  isMixed: boolean;
}

const spanOf = ({ window }: Spanning): IntervalWindow => window as IntervalWindow;

/**
 * Which intervals overlap; what no element overlaps is left out. Touching is not overlapping.
 *
 * @param there - intervals that do not overlap.
 */
export function overlapsOf<There extends Spanning, Coming extends Spanning>(
  there: readonly There[],
  coming: readonly Coming[],
): readonly Overlap<There, Coming>[] {
  const [ours, theirs] = [inOrder(there), inOrder(coming)];
  const overlaps: Overlap<There, Coming>[] = [];
  let [i, j] = [0, 0];
  while (j < theirs.length) {
    const isOurs = i < ours.length && spanOf(ours[i]!).start <= spanOf(theirs[j]!).start;
    const { start, end } = spanOf(isOurs ? ours[i]! : theirs[j]!);
    const overlap: Overlap<There, Coming> = { start, end, there: [], coming: [], isMixed: false };
    for (;;) {
      if (i < ours.length && spanOf(ours[i]!).start < overlap.end) {
        extend(overlap, spanOf(ours[i]!));
        overlap.there.push(ours[i++]!);
      } else if (j < theirs.length && spanOf(theirs[j]!).start < overlap.end) {
        extend(overlap, spanOf(theirs[j]!));
        overlap.coming.push(theirs[j++]!);
      } else break;
    }
    if (overlap.coming.length > 0) overlaps.push(overlap);
  }
  return overlaps;
}

function extend(overlap: Overlap<unknown, unknown>, { start, end }: IntervalWindow): void {
  overlap.isMixed ||= start !== overlap.start || end !== overlap.end;
  if (end > overlap.end) overlap.end = end;
}

/** Most come in order. */
function inOrder<A extends Spanning>(all: readonly A[]): readonly A[] {
  for (let i = 1; i < all.length; i++) {
    if (spanOf(all[i]!).start < spanOf(all[i - 1]!).start) return all.toSorted((a, b) => spanOf(a).start - spanOf(b).start);
  }
  return all;
}
