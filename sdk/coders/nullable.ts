import { answerFor, given, Undecodable, type ByteReader } from "./byte-reader.ts";
import { bytesOf, writeLast, writeSized, type ByteWriter } from "./byte-writer.ts";
import { plainCoder, type Coder } from "./coder.ts";
import { decodeAll, encodeAll } from "./frames.ts";

/** Says for each value what it is, so that `null` and `undefined` both come back as themselves. */
const NULL = 0;
const UNDEFINED = 1;
const PRESENT = 2;

/** Values that may be missing: one byte that says so, then the value by the inner coder. Deterministic if that is. */
export function nullableCoder<T>(inner: Coder<T>): Coder<T | null | undefined> {
  const encodeInto = (value: T | null | undefined, writer: ByteWriter): void => {
    writer.byte(stateOf(value));
    if (isPresent(value)) writeLast(writer, inner, value);
  };
  const decodeFrom = (reader: ByteReader): T | null | undefined => {
    const state = readState(reader);
    return state === PRESENT ? reader.last(inner) : missing(state);
  };
  return plainCoder([inner], {
    name: `nullable(${inner.name ?? "?"})`,
    deterministic: inner.deterministic === true,
    encode: (value: T | null | undefined) => bytesOf(encodeInto, value),
    encodeInto,
    decode: (bytes: Uint8Array) => answerFor(bytes, decodeFrom),
    decodeFrom,
    encodeAll: (values: readonly (T | null | undefined)[]) =>
      bytesOf((all: readonly (T | null | undefined)[], writer) => {
        writeSized(writer, Uint8Array.from(all, stateOf));
        writer.bytes(encodeAll(inner, all.filter(isPresent)));
      }, values),
    decodeAll: (bytes: Uint8Array) =>
      answerFor(bytes, (reader) => {
        const states = new Array<number>();
        for (let left = reader.varint(); left > 0; left--) states.push(readState(reader));
        const present = given(decodeAll(inner, reader.rest()));
        let at = 0;
        const values = states.map((state) => (state === PRESENT ? present[at++] : missing(state)));
        if (at !== present.length) throw new Undecodable(`${at} values should be present, ${present.length} are`);
        return values;
      }),
  });
}

const stateOf = (value: unknown): number => (value === null ? NULL : value === undefined ? UNDEFINED : PRESENT);

const isPresent = <T>(value: T | null | undefined): value is T => value !== null && value !== undefined;

const missing = (state: number): null | undefined => (state === NULL ? null : undefined);

function readState(reader: ByteReader): number {
  const state = reader.byte();
  if (state <= PRESENT) return state;
  throw new Undecodable(`no value has the state ${state}`);
}
