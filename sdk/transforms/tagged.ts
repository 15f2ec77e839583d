import { answerFor, given, Undecodable } from "../coders/byte-reader.ts";
import { bytesOf, writeLast, writeSized, writeVarints, type ByteWriter } from "../coders/byte-writer.ts";
import type { AnyCoder } from "../coders/coder.ts";
import { kvCoder } from "../coders/kv.ts";
import { decodeAll, encodeAll } from "../coders/frames.ts";
import type { GraphBuilder } from "../graph-builder.ts";
import { primitive } from "../transform.ts";
import { pairCodersOf, pairOf } from "../pair.ts";
import type { KV, PCollection, PTransform } from "../pipeline.ts";
import { flatten } from "./flatten.ts";

/** A value and which input it is from. */
export type Tagged = readonly [input: number, value: unknown];

type Pairs = PCollection<KV<unknown, unknown>>;

/** The coders of the values of some collections of pairs. */
export const valueCodersOf = (builder: GraphBuilder, inputs: readonly unknown[]): readonly AnyCoder[] =>
  inputs.map((input) => pairCodersOf(builder.collectionOf(input).coder).valueCoder);

/** The pairs of several collections in one, each value with the number of its input. */
export function tagged(builder: GraphBuilder, inputs: Readonly<Record<string, Pairs>>): PCollection<KV<unknown, Tagged>> {
  const coder = taggedCoder(valueCodersOf(builder, Object.values(inputs)));
  return flatten(Object.entries(inputs).map(([tag, input], i) => input.apply(tagging(tag, i, coder))));
}

const tagging = (tag: string, index: number, coder: AnyCoder): PTransform<Pairs, PCollection<KV<unknown, Tagged>>> =>
  primitive(`Tag(${tag})`, (input) => ({
    kind: "parDo",
    fn: {
      kind: "map",
      call(element) {
        const [key, value] = pairOf(element);
        return [key, [index, value]];
      },
    },
    output: { coder: kvCoder(pairCodersOf(input.coder).keyCoder, coder) },
  }));

/** A value by the coder of the input that it is from. */
export function taggedCoder(valueCoders: readonly AnyCoder[]): AnyCoder {
  const encodeInto = ([index, value]: Tagged, writer: ByteWriter): void => {
    writer.varint(index);
    writeLast(writer, valueCoders[index]!, value);
  };
  return Object.freeze({
    name: `tagged(${valueCoders.map((coder) => coder.name ?? "?").join(",")})`,
    encode: (tagged: Tagged) => bytesOf(encodeInto, tagged),
    encodeInto,
    decode: (bytes: Uint8Array) =>
      answerFor(bytes, (reader): Tagged => {
        const index = reader.varint();
        const coder = valueCoders[index];
        if (coder === undefined) throw new Undecodable(`there is no input ${index}`);
        return [index, reader.last(coder)];
      }),
    // The values of each input together: they are of one kind, which a coder may write in columns.
    encodeAll: (tagged: readonly Tagged[]) =>
      bytesOf((_, writer) => {
        writeVarints(
          writer,
          tagged.map(([index]) => index),
        );
        valueCoders.forEach((coder, input) => {
          const own = tagged.filter(([index]) => index === input).map(([, value]) => value);
          writeSized(writer, encodeAll(coder, own));
        });
      }, undefined),
    decodeAll: (bytes: Uint8Array) =>
      answerFor(bytes, (reader) => {
        const indexes = reader.varints();
        const columns = valueCoders.map((coder) => given(decodeAll(coder, reader.sized())) as readonly unknown[]);
        const taken = columns.map(() => 0);
        return indexes.map((index): Tagged => {
          const column = columns[index];
          if (column === undefined || taken[index] === column.length) throw new Undecodable(`input ${index} has too few values`);
          return [index, column[taken[index]!++]];
        });
      }),
  });
}
