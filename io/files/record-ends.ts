/** Goes through the bytes of a record, buffer after buffer; answers where it ends in this one, or -1. */
export type Follow = (buffer: Buffer, from: number, to: number) => number;

/** Finds where records end: at the LF that ends a line, or at those of them that lie outside of quotes. */
export interface RecordEnds {
  /** The first end from `min` on and before `to`, or -1. A record begins at `begin`, which is not behind `min`. */
  readonly first: (buffer: Buffer, begin: number, to: number, min: number) => number;
  /** The last end before `to`, or -1. A record begins at `begin`. */
  readonly last: (buffer: Buffer, begin: number, to: number) => number;
  /** Follows one record from its first byte on, for records that are not kept as a whole. */
  readonly follow: () => Follow;
  /** Whether an LF ends a record wherever it stands, so that a read may begin anywhere in a file. */
  readonly areEverywhere: boolean;
}

const LF = 0x0a;

/** Every LF ends a record. */
export const lineEnds: RecordEnds = {
  areEverywhere: true,
  first: (buffer, _begin, to, min) => nextLineEnd(buffer, min, to),
  follow: () => nextLineEnd,
  last(buffer, begin, to) {
    const found = buffer.subarray(begin, to).lastIndexOf(LF);
    return found < 0 ? -1 : begin + found;
  },
};

function nextLineEnd(buffer: Buffer, from: number, to: number): number {
  const found = buffer.indexOf(LF, from);
  return found < to ? found : -1;
}
