/** The cases that fail on every runner → why. A runner's own gaps would stand beside it, in its test. */
export const knownGaps: Readonly<Record<string, string>> = {
  "OUT-07/lazy": "outputs are declared, so that their types and coders are known; none is found as it is written to",
};

/** The rows of the catalogue that are there in part → what of them is not. */
export const inPart: Readonly<Record<string, string>> = {
  "CMB-22": "sessions",
  "DAG-01": "the check of names cannot be switched off, or be made a warning",
  "DD-04": "grouping of few keys",
  "DD-05": "the states of a DoFn",
  "FLT-10": "the timestamp combiner EARLIEST",
  "GBK-12": "the timestamp combiners EARLIEST and LATEST",
  "GBK-14": "sessions, and merging them once more",
  "LIFE-01": "DoFns with state",
  "LIFE-02": "DoFns with state",
  "LIFE-03": "DoFns with state",
  "LIFE-05": "DoFns with state",
  "RSH-04": "sessions",
};
