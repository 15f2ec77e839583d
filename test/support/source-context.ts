import type { ReadContext } from "millrace";

/** What a source is called with where no run calls it. */
export const sourceContext: ReadContext = { signal: new AbortController().signal, processingTime: 0 };
