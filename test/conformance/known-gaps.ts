/** The cases that fail on every runner → why. A runner's own gaps would stand beside it, in its test. */
export const knownGaps: Readonly<Record<string, string>> = {
  "OUT-07/lazy": "outputs are declared, so that their types and coders are known; none is found as it is written to",
};

/** The rows of the catalogue that are there in part → what of them is not. */
export const inPart: Readonly<Record<string, string>> = {
  "DAG-01": "the check of names cannot be switched off, or be made a warning",
  "DD-04": "grouping of few keys",
};
