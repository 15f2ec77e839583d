import { lineEnds, type RecordEnds } from "../files/record-ends.ts";

const LF = 0x0a;

/**
 * An LF ends a record where an even number of quotes stands before it: each value that is enclosed has two, and each quote in
 * one is doubled. So one pass over the bytes finds the rows without reading any value.
 */
export function quotedEnds(quote: string): RecordEnds {
  const mark = quote.charCodeAt(0);

  const hasQuote = (buffer: Buffer, begin: number, to: number): boolean => {
    const found = buffer.indexOf(mark, begin);
    return found >= 0 && found < to;
  };

  return {
    areEverywhere: false,
    first(buffer, begin, to, min) {
      let isInside = false;
      for (let i = begin; i < to; i++) {
        const byte = buffer[i];
        if (byte === mark) isInside = !isInside;
        else if (byte === LF && !isInside && i >= min) return i;
      }
      return -1;
    },
    last(buffer, begin, to) {
      if (!hasQuote(buffer, begin, to)) return lineEnds.last(buffer, begin, to);
      let isInside = false;
      let found = -1;
      for (let i = begin; i < to; i++) {
        const byte = buffer[i];
        if (byte === mark) isInside = !isInside;
        else if (byte === LF && !isInside) found = i;
      }
      return found;
    },
  };
}
