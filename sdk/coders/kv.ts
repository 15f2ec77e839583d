import type { KV } from "../pipeline.ts";
import { answerFor, given, Undecodable, type ByteReader } from "./byte-reader.ts";
import { bytesOf, writeLast, writeSized, type ByteWriter } from "./byte-writer.ts";
import { notTaken, plainCoder, type AnyCoder, type Coder } from "./coder.ts";
import { decodeAll, encodeAll } from "./frames.ts";

/** A coder of pairs that can be asked for its parts. */
export interface KvCoder<K, V> extends Coder<KV<K, V>> {
  /** Encodes the first of the pair. */
  readonly keyCoder: Coder<K>;
  /** Encodes the second of the pair. */
  readonly valueCoder: Coder<V>;
}

/** Pairs, each part by its own coder: the key behind its length, then the value. Deterministic if both are. */
export function kvCoder<K, V>(keyCoder: Coder<K>, valueCoder: Coder<V>): KvCoder<K, V> {
  const encodeInto = (pair: KV<K, V>, writer: ByteWriter): void => {
    mustBePair(pair);
    writer.part(keyCoder, pair[0]);
    writeLast(writer, valueCoder, pair[1]);
  };
  const decodeFrom = (reader: ByteReader): KV<K, V> => [reader.part(keyCoder), reader.last(valueCoder)];
  return plainCoder([keyCoder, valueCoder], {
    name: `kv(${keyCoder.name ?? "?"},${valueCoder.name ?? "?"})`,
    keyCoder,
    valueCoder,
    deterministic: keyCoder.deterministic === true && valueCoder.deterministic === true,
    encode: (pair: KV<K, V>) => bytesOf(encodeInto, pair),
    encodeInto,
    decode: (bytes: Uint8Array) => answerFor(bytes, decodeFrom),
    decodeFrom,
    // In columns: what repeats among keys, or among values, is then written once where their coders know how.
    encodeAll(pairs: readonly KV<K, V>[]) {
      for (const pair of pairs) mustBePair(pair);
      const keys = pairs.map(([key]) => key);
      const values = pairs.map(([, value]) => value);
      return bytesOf((_, writer) => {
        writeSized(writer, encodeAll(keyCoder, keys));
        writer.bytes(encodeAll(valueCoder, values));
      }, undefined);
    },
    decodeAll: (bytes: Uint8Array) =>
      answerFor(bytes, (reader) => {
        const keys = given(decodeAll(keyCoder, reader.sized()));
        const values = given(decodeAll(valueCoder, reader.rest()));
        if (keys.length !== values.length) throw new Undecodable(`${keys.length} keys have ${values.length} values`);
        return keys.map((key, i) => [key, values[i]!] as const);
      }),
  });
}

/** Whether a coder knows the two parts of its pairs. */
// oxlint-disable-next-line typescript/no-explicit-any
export const isKvCoder = (coder: AnyCoder): coder is KvCoder<any, any> => "keyCoder" in coder && "valueCoder" in coder;

function mustBePair(pair: KV<unknown, unknown>): void {
  if (!Array.isArray(pair) || pair.length !== 2) throw notTaken("kvCoder", "pairs [key, value]", pair);
}
