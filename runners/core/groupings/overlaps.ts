import type { Instant } from "../../../sdk/time.ts";
import type { IntervalWindow, Window } from "../../../sdk/windowing.ts";

/** Something that has an interval for its window. */
interface Spanning {
  readonly window: Window;
}

/** Neighbours in time whose intervals overlap, directly or through others: those that are there, and those that come. */
export interface Overlap {
  start: Instant;
  end: Instant;
  /** The place of the first one that is there, and how many are. */
  readonly there: number;
  thereCount: number;
  /** The same of those that come. */
  readonly coming: number;
  comingCount: number;
  /** Whether they have different intervals. */
  isMixed: boolean;
}

const spanOf = ({ window }: Spanning): IntervalWindow => window as IntervalWindow;

/**
 * Which intervals overlap; what no element overlaps is left out. Touching is not overlapping.
 *
 * @param ours - what is there, in the order of their starts; these do not overlap.
 * @param theirs - what comes, in the order of their starts.
 */
export function overlapsOf(ours: readonly Spanning[], theirs: readonly Spanning[]): readonly Overlap[] {
  const overlaps: Overlap[] = [];
  let [i, j] = [0, 0];
  while (j < theirs.length) {
    const isOurs = i < ours.length && spanOf(ours[i]!).start <= spanOf(theirs[j]!).start;
    const { start, end } = spanOf(isOurs ? ours[i]! : theirs[j]!);
    const overlap: Overlap = { start, end, there: i, thereCount: 0, coming: j, comingCount: 0, isMixed: false };
    for (;;) {
      if (i < ours.length && spanOf(ours[i]!).start < overlap.end) extend(overlap, spanOf(ours[i++]!));
      else if (j < theirs.length && spanOf(theirs[j]!).start < overlap.end) extend(overlap, spanOf(theirs[j++]!));
      else break;
    }
    overlap.thereCount = i - overlap.there;
    overlap.comingCount = j - overlap.coming;
    if (overlap.comingCount > 0) overlaps.push(overlap);
  }
  return overlaps;
}

function extend(overlap: Overlap, { start, end }: IntervalWindow): void {
  overlap.isMixed ||= start !== overlap.start || end !== overlap.end;
  if (end > overlap.end) overlap.end = end;
}

/** In the order of their starts; most are. */
export function inOrder<A extends Spanning>(all: readonly A[]): readonly A[] {
  for (let i = 1; i < all.length; i++) {
    if (spanOf(all[i]!).start < spanOf(all[i - 1]!).start) return all.toSorted((a, b) => spanOf(a).start - spanOf(b).start);
  }
  return all;
}
