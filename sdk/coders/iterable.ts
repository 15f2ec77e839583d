import { answerFor, given, Undecodable, type ByteReader } from "./byte-reader.ts";
import { bytesOf, writeVarints, type ByteWriter } from "./byte-writer.ts";
import { notTaken, plainCoder, type Coder } from "./coder.ts";
import { decodeAll, encodeAll } from "./frames.ts";

/** Several values, each by the coder of the element, in the order in which they are gone through. An array comes back. Deterministic if the element is. */
export function iterableCoder<T>(elementCoder: Coder<T>): Coder<Iterable<T>> {
  const encodeInto = (values: Iterable<T>, writer: ByteWriter): void => {
    mustBeIterable(values);
    for (const value of values) writer.part(elementCoder, value);
  };
  const decodeFrom = (reader: ByteReader): Iterable<T> => {
    const values: T[] = [];
    while (reader.left > 0) values.push(reader.part(elementCoder));
    return values;
  };
  return plainCoder([elementCoder], {
    name: `iterable(${elementCoder.name ?? "?"})`,
    deterministic: elementCoder.deterministic === true,
    encode: (values: Iterable<T>) => bytesOf(encodeInto, values),
    encodeInto,
    decode: (bytes: Uint8Array) => answerFor(bytes, decodeFrom),
    decodeFrom,
    // The values of all lists as one column.
    encodeAll(lists: readonly Iterable<T>[]) {
      const all: T[] = [];
      const lengths = lists.map((list) => {
        mustBeIterable(list);
        const before = all.length;
        for (const value of list) all.push(value);
        return all.length - before;
      });
      return bytesOf((_, writer) => {
        writeVarints(writer, lengths);
        writer.bytes(encodeAll(elementCoder, all));
      }, undefined);
    },
    decodeAll: (bytes: Uint8Array) =>
      answerFor(bytes, (reader): readonly Iterable<T>[] => {
        const lengths = reader.varints();
        const all = given(decodeAll(elementCoder, reader.rest()));
        let at = 0;
        const lists = lengths.map((length) => all.slice(at, (at += length)));
        if (at !== all.length) throw new Undecodable(`lists of ${at} values in all have ${all.length}`);
        return lists;
      }),
  });
}

function mustBeIterable(values: Iterable<unknown>): void {
  if (typeof values !== "object" || values === null || typeof values[Symbol.iterator] !== "function") {
    throw notTaken("iterableCoder", "arrays and other iterables", values);
  }
}
