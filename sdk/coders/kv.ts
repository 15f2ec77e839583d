import { PipelineError, shortText } from "../errors.ts";
import type { KV } from "../pipeline.ts";
import { left, right, type AnyCoder, type Coder } from "./coder.ts";
import { decodeAll, encodeAll, frame, unframe } from "./frames.ts";

/** A coder of pairs that can be asked for its parts. */
export interface KvCoder<K, V> extends Coder<KV<K, V>> {
  /** Encodes the first of the pair. */
  readonly keyCoder: Coder<K>;
  /** Encodes the second of the pair. */
  readonly valueCoder: Coder<V>;
}

/** Pairs, each part by its own coder. Deterministic if both are. */
export function kvCoder<K, V>(keyCoder: Coder<K>, valueCoder: Coder<V>): KvCoder<K, V> {
  return Object.freeze({
    name: `kv(${keyCoder.name ?? "?"},${valueCoder.name ?? "?"})`,
    keyCoder,
    valueCoder,
    deterministic: keyCoder.deterministic === true && valueCoder.deterministic === true,
    encode(pair: KV<K, V>) {
      const [key, value] = pairOf(pair);
      return frame([keyCoder.encode(key), valueCoder.encode(value)]);
    },
    decode(bytes: Uint8Array) {
      const parts = unframe(bytes);
      if (parts._tag === "Left") return parts;
      if (parts.right.length !== 2) return left("NOT_DECODABLE", `a pair has 2 parts, this has ${parts.right.length}`);
      const key = keyCoder.decode(parts.right[0]!);
      if (key._tag === "Left") return key;
      const value = valueCoder.decode(parts.right[1]!);
      return value._tag === "Left" ? value : right([key.right, value.right] as const);
    },
    // In columns: what repeats among keys, or among values, is then written once where their coders know how.
    encodeAll(pairs: readonly KV<K, V>[]) {
      return frame([
        encodeAll(
          keyCoder,
          pairs.map((pair) => pairOf(pair)[0]),
        ),
        encodeAll(
          valueCoder,
          pairs.map(([, value]) => value),
        ),
      ]);
    },
    decodeAll(bytes: Uint8Array) {
      const parts = unframe(bytes);
      if (parts._tag === "Left") return parts;
      const keys = decodeAll(keyCoder, parts.right[0]!);
      if (keys._tag === "Left") return keys;
      const values = decodeAll(valueCoder, parts.right[1]!);
      return values._tag === "Left" ? values : right(keys.right.map((key, i) => [key, values.right[i]!] as const));
    },
  });
}

/** Whether a coder knows the two parts of its pairs. */
// oxlint-disable-next-line typescript/no-explicit-any
export const isKvCoder = (coder: AnyCoder): coder is KvCoder<any, any> => "keyCoder" in coder && "valueCoder" in coder;

function pairOf<K, V>(pair: KV<K, V>): KV<K, V> {
  if (Array.isArray(pair) && pair.length === 2) return pair;
  throw new PipelineError("NOT_ENCODABLE", {
    what: "kvCoder takes pairs [key, value] only",
    got: shortText(pair),
    fix: "put keyBy(…) before this step",
  });
}
