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

/**
 * A value of one of several inputs, with the number of its input. Those of the last input stand for themselves: in joins they are the
 * many more often than not, and each that needs no record of its own is one object less that waits.
 */
export type Tagged = unknown;

/** A value of any input but the last. */
class OfInput {
  readonly input: number;
  readonly value: unknown;

  constructor(input: number, value: unknown) {
    this.input = input;
    this.value = value;
  }
}

/** A value of the input of that number, of so many. */
export const taggedWith = (input: number, inputs: number, value: unknown): Tagged =>
  input === inputs - 1 ? value : new OfInput(input, value);

/** Which input, of so many, a value is from. */
export const inputOf = (tagged: Tagged, inputs: number): number => (tagged instanceof OfInput ? tagged.input : inputs - 1);

/** The value itself. */
export const untagged = (tagged: Tagged): unknown => (tagged instanceof OfInput ? tagged.value : tagged);

type Pairs = PCollection<KV<unknown, unknown>>;

/** The coders of the values of some collections of pairs. */
export const valueCodersOf = (builder: GraphBuilder, inputs: readonly unknown[]): readonly AnyCoder[] =>
  inputs.map((input) => pairCodersOf(builder.collectionOf(input).coder).valueCoder);

/** The pairs of several collections in one, each value with the number of its input. */
export function tagged(builder: GraphBuilder, inputs: Readonly<Record<string, Pairs>>): PCollection<KV<unknown, Tagged>> {
  const coder = taggedCoder(valueCodersOf(builder, Object.values(inputs)));
  return flatten(Object.entries(inputs).map(([tag, input], i, { length }) => input.apply(tagging(tag, i, length, coder))));
}

const tagging = (tag: string, number: number, inputs: number, coder: AnyCoder): PTransform<Pairs, PCollection<KV<unknown, Tagged>>> =>
  primitive(`Tag(${tag})`, (input) => ({
    kind: "parDo",
    fn: {
      kind: "map",
      call(element) {
        const pair = pairOf(element);
        return number === inputs - 1 ? pair : [pair[0], taggedWith(number, inputs, pair[1])];
      },
    },
    output: { coder: kvCoder(pairCodersOf(input.coder).keyCoder, coder) },
  }));

/** A value by the coder of the input that it is from. */
export function taggedCoder(valueCoders: readonly AnyCoder[]): AnyCoder {
  const inputs = valueCoders.length;
  const encodeInto = (tagged: Tagged, writer: ByteWriter): void => {
    const input = inputOf(tagged, inputs);
    writer.varint(input);
    writeLast(writer, valueCoders[input]!, untagged(tagged));
  };
  return Object.freeze({
    name: `tagged(${valueCoders.map((coder) => coder.name ?? "?").join(",")})`,
    encode: (tagged: Tagged) => bytesOf(encodeInto, tagged),
    encodeInto,
    decode: (bytes: Uint8Array) =>
      answerFor(bytes, (reader): Tagged => {
        const input = reader.varint();
        const coder = valueCoders[input];
        if (coder === undefined) throw new Undecodable(`there is no input ${input}`);
        return taggedWith(input, inputs, reader.last(coder));
      }),
    // The values of each input together: they are of one kind, which a coder may write in columns.
    encodeAll: (tagged: readonly Tagged[]) =>
      bytesOf((_, writer) => {
        writeVarints(
          writer,
          tagged.map((each) => inputOf(each, inputs)),
        );
        valueCoders.forEach((coder, input) => {
          const own = tagged.filter((each) => inputOf(each, inputs) === input).map(untagged);
          writeSized(writer, encodeAll(coder, own));
        });
      }, undefined),
    decodeAll: (bytes: Uint8Array) =>
      answerFor(bytes, (reader) => {
        const numbers = reader.varints();
        const columns = valueCoders.map((coder) => given(decodeAll(coder, reader.sized())) as readonly unknown[]);
        const taken = columns.map(() => 0);
        return numbers.map((input): Tagged => {
          const column = columns[input];
          if (column === undefined || taken[input] === column.length) throw new Undecodable(`input ${input} has too few values`);
          return taggedWith(input, inputs, column[taken[input]!++]);
        });
      }),
  });
}
