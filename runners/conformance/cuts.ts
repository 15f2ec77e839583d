import type { Cut } from "../core/scheduler.ts";

/** A way to cut the work of a run into bundles, with a name for tests. */
export interface LabelledCut extends Cut {
  /** Names the cut in the names of tests. */
  readonly label: string;
}

/** The cuts under which every case must give the same. The last one has the engine's other back end run them. */
export const cuts: readonly LabelledCut[] = [
  { label: "all at once", partitions: 1 },
  { label: "one element per bundle", partitions: 1, elementsPerBundle: 1 },
  { label: "many partitions", partitions: 7, elementsPerBundle: 3 },
  { label: "next to no memory", partitions: 2, elementsPerBundle: 5, memoryBudget: 1 },
  { label: "without generated code", partitions: 2, elementsPerBundle: 2, generatesCode: false },
];
