import { lineEnds, type Follow, type RecordEnds } from "../files/record-ends.ts";
import type { Dialect } from "./dialect.ts";

const LF = 0x0a;

/**
 * An LF ends a record where it is not within quotes. One pass over the bytes finds the rows without reading any value.
 *
 * Only a quote that a value begins with encloses it. So a stray one, which makes its own row an error, does not turn all rows
 * behind it inside out.
 */
export function quotedEnds({ quote, delimiter }: Pick<Dialect, "quote" | "delimiter">): RecordEnds {
  const mark = quote.charCodeAt(0);
  const separator = Buffer.from(delimiter);
  const last = separator.at(-1);

  /** Answers the first end from `min` on, or -1. A row begins at `begin`. */
  function next(buffer: Buffer, begin: number, to: number, min: number): number {
    const start = behindMark(buffer, begin);
    for (let i = start; i < to; i++) {
      const byte = buffer[i];
      if (byte === LF) {
        if (i >= min) return i;
      } else if (byte === mark && (i === start || buffer[i - 1] === LF || isBehindDelimiter(buffer, i))) {
        i = closing(buffer, i + 1, to);
      }
    }
    return -1;
  }

  /** Whether a delimiter stands before a byte. */
  function isBehindDelimiter(buffer: Buffer, at: number): boolean {
    if (buffer[at - 1] !== last) return false;
    return separator.length === 1 || (at >= separator.length && separator.compare(buffer, at - separator.length, at) === 0);
  }

  /** Where the quote stands that ends a value; the end where there is none. One that is doubled ends nothing. */
  function closing(buffer: Buffer, from: number, to: number): number {
    let i = from;
    for (; i < to; i++) {
      if (buffer[i] !== mark) continue;
      if (buffer[i + 1] !== mark || i + 1 === to) break;
      i++;
    }
    return i;
  }

  const hasQuote = (buffer: Buffer, begin: number, to: number): boolean => {
    const found = buffer.indexOf(mark, begin);
    return found >= 0 && found < to;
  };

  return {
    areEverywhere: false,
    first: next,
    last(buffer, begin, to) {
      if (!hasQuote(buffer, begin, to)) return lineEnds.last(buffer, begin, to);
      let found = -1;
      for (let end = next(buffer, begin, to, begin); end >= 0; end = next(buffer, end + 1, to, end + 1)) found = end;
      return found;
    },
    follow: () => following(mark, separator),
  };
}

/** The first row of a file may begin behind a byte order mark. */
const behindMark = (buffer: Buffer, begin: number): number =>
  buffer[begin] === 0xef && buffer[begin + 1] === 0xbb && buffer[begin + 2] === 0xbf ? begin + 3 : begin;

/** Before the first byte of a value. */
const START = 0;
/** In a value that is not enclosed, or in what follows one that is: a quote means nothing there. */
const PLAIN = 1;
/** In a value that is enclosed. */
const QUOTED = 2;
/** Behind a quote in a value that is enclosed: it ends it, unless another one follows. */
const CLOSED = 3;

/** The same rule for one row byte by byte: it can be left anywhere and gone on with in another buffer, which costs twice as much. */
function following(mark: number, separator: Buffer): Follow {
  let place = START;
  /** How many bytes of a delimiter have come. */
  let matched = 0;
  let isFirst = true;
  return (buffer, from, to) => {
    const begin = isFirst ? behindMark(buffer, from) : from;
    isFirst = false;
    for (let i = begin; i < to; i++) {
      const byte = buffer[i];
      if (place === QUOTED) {
        if (byte === mark) place = CLOSED;
      } else if (byte === LF) {
        return i;
      } else if (byte === mark) {
        place = place === PLAIN ? PLAIN : QUOTED;
        matched = 0;
      } else {
        matched = byte === separator[matched] ? matched + 1 : byte === separator[0] ? 1 : 0;
        place = matched === separator.length ? START : PLAIN;
        if (place === START) matched = 0;
      }
    }
    return -1;
  };
}
