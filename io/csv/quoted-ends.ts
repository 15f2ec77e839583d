import { lineEnds, type Follow, type RecordEnds } from "../files/record-ends.ts";
import type { Dialect } from "./dialect.ts";

const LF = 0x0a;

/** Where in a row a byte stands. */
type Place = typeof START | typeof PLAIN | typeof QUOTED | typeof CLOSED;

/** Before the first byte of a value. */
const START = 0;
/** In a value that is not enclosed, or in what follows one that is: a quote means nothing there. */
const PLAIN = 1;
/** In a value that is enclosed. */
const QUOTED = 2;
/** Behind a quote in a value that is enclosed: it ends it, unless another one follows. */
const CLOSED = 3;

/**
 * An LF ends a record where it is not within quotes. One pass over the bytes finds the rows without reading any value.
 *
 * Only a quote that a value begins with encloses it. So a stray one, which makes its own row an error, does not turn all rows
 * behind it inside out.
 */
export function quotedEnds({ quote, delimiter }: Pick<Dialect, "quote" | "delimiter">): RecordEnds {
  const mark = quote.charCodeAt(0);
  const separator = Buffer.from(delimiter);

  const hasQuote = (buffer: Buffer, begin: number, to: number): boolean => {
    const found = buffer.indexOf(mark, begin);
    return found >= 0 && found < to;
  };

  /** Goes through rows from the first byte of one on; answers the next end from `min` on, again and again. */
  function rows(): (buffer: Buffer, from: number, to: number, min: number) => number {
    let place: Place = START;
    /** How many bytes of the delimiter have come. */
    let matched = 0;
    return (buffer, from, to, min) => {
      for (let i = from; i < to; i++) {
        const byte = buffer[i]!;
        if (place === QUOTED) {
          if (byte === mark) place = CLOSED;
        } else if (byte === LF) {
          place = START;
          matched = 0;
          if (i >= min) return i;
        } else if (byte === mark) {
          place = place === PLAIN ? PLAIN : QUOTED;
          matched = 0;
        } else {
          place = PLAIN;
          matched = byte === separator[matched] ? matched + 1 : byte === separator[0] ? 1 : 0;
          if (matched < separator.length) continue;
          place = START;
          matched = 0;
        }
      }
      return -1;
    };
  }

  return {
    areEverywhere: false,
    first: (buffer, begin, to, min) => rows()(buffer, behindMark(buffer, begin), to, min),
    last(buffer, begin, to) {
      if (!hasQuote(buffer, begin, to)) return lineEnds.last(buffer, begin, to);
      const next = rows();
      let found = -1;
      for (let end = next(buffer, behindMark(buffer, begin), to, begin); end >= 0; end = next(buffer, end + 1, to, end + 1)) found = end;
      return found;
    },
    follow(): Follow {
      const next = rows();
      let isFirst = true;
      return (buffer, from, to) => {
        const begin = isFirst ? behindMark(buffer, from) : from;
        isFirst = false;
        return next(buffer, begin, to, begin);
      };
    },
  };
}

/** The first row of a file may begin behind a byte order mark. */
const behindMark = (buffer: Buffer, begin: number): number =>
  buffer[begin] === 0xef && buffer[begin + 1] === 0xbb && buffer[begin + 2] === 0xbf ? begin + 3 : begin;
