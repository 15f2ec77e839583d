/** Why a case fails, by its id. */
type Gaps = Readonly<Record<string, string>>;

const everywhere: Gaps = {
  "OUT-07/lazy": "outputs are declared, so that their types and coders are known; none is found as it is written to",
};

/** What stays on its thread is not turned into bytes, and nobody asks its coder yet whether it could be. */
const notEncoded = "elements that do not leave their thread are not checked against their coder";

const byReference: Gaps = {
  ...everywhere,
  "CRE-01/refused": notEncoded,
  "CRE-04": notEncoded,
  "OUT-09/never": notEncoded,
};

/** The cases that fail, by the runner. */
export const knownGaps = { direct: byReference, rxjs: byReference, threads: everywhere } satisfies Record<string, Gaps>;

/** Rows that are there in part → what is missing. */
export const inPart: Gaps = {};
