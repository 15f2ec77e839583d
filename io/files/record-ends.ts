/** Finds where records end: at the LF that ends a line, or at those of them that lie outside of quotes. */
export interface RecordEnds {
  /** The first end from `min` on and before `to`, or -1. A record begins at `begin`, which is not behind `min`. */
  readonly first: (buffer: Buffer, begin: number, to: number, min: number) => number;
  /** The last end before `to`, or -1. A record begins at `begin`. */
  readonly last: (buffer: Buffer, begin: number, to: number) => number;
  /** Whether an LF ends a record wherever it stands, so that a read may begin anywhere in a file. */
  readonly areEverywhere: boolean;
}

const LF = 0x0a;

/** Every LF ends a record. */
export const lineEnds: RecordEnds = {
  areEverywhere: true,
  first(buffer, _begin, to, min) {
    const found = buffer.indexOf(LF, min);
    return found < to ? found : -1;
  },
  last(buffer, begin, to) {
    const found = buffer.subarray(begin, to).lastIndexOf(LF);
    return found < 0 ? -1 : begin + found;
  },
};
