import { PipelineError, shortText } from "../errors.ts";
import { answerFor, Undecodable, type ByteReader } from "./byte-reader.ts";
import { bytesOf, writeLast, type ByteWriter } from "./byte-writer.ts";
import { plainCoder, type AnyCoder, type Coder } from "./coder.ts";

/** What one of several coders takes. */
export type OneOf<C> = { readonly [N in keyof C]: C[N] extends Coder<infer T> ? T : never }[keyof C];

/**
 * Values of several kinds, each by the coder of its kind, behind a varint that says which. Deterministic if all of them are.
 *
 * @param kindOf - under which name a value's coder stands. Asked for each value that is encoded.
 *
 * @example
 * ```ts
 * const shape = unionCoder(({ kind }) => kind, {
 *   circle: rowCoder({ kind: literalCoder("circle"), radius: numberCoder }),
 *   square: rowCoder({ kind: literalCoder("square"), side: numberCoder }),
 * });
 * shape.encode({ kind: "circle", radius: 2 });
 * ```
 */
export function unionCoder<const C extends Readonly<Record<string, AnyCoder>>>(
  kindOf: (value: OneOf<C>) => keyof C & string,
  coders: C,
): Coder<OneOf<C>> {
  const kinds = Object.entries(coders);
  const numbers = new Map(kinds.map(([name], number) => [name, number]));
  const encodeInto = (value: OneOf<C>, writer: ByteWriter): void => {
    const number = numbers.get(kindOf(value));
    if (number === undefined) throw noKind(value, kindOf(value), kinds);
    writer.varint(number);
    writeLast(writer, kinds[number]![1], value);
  };
  const decodeFrom = (reader: ByteReader): OneOf<C> => {
    const number = reader.varint();
    if (number >= kinds.length) throw new Undecodable(`of ${kinds.length} kinds none has the number ${number}`);
    return reader.last(kinds[number]![1] as Coder<OneOf<C>>);
  };
  return plainCoder(
    kinds.map(([, coder]) => coder),
    {
      name: `union(${kinds.map(([name, coder]) => `${name}:${coder.name ?? "?"}`).join(",")})`,
      deterministic: kinds.every(([, coder]) => coder.deterministic === true),
      encode: (value: OneOf<C>) => bytesOf(encodeInto, value),
      encodeInto,
      decode: (bytes: Uint8Array) => answerFor(bytes, decodeFrom),
      decodeFrom,
    },
  );
}

const noKind = (value: unknown, kind: string, kinds: readonly (readonly [name: string, coder: AnyCoder])[]): PipelineError =>
  new PipelineError("NOT_ENCODABLE", {
    what: `a value is of the kind ${shortText(kind)}, for which its unionCoder has no coder`,
    got: shortText(value),
    fix: `give one of the kinds ${kinds.map(([name]) => name).join(", ")}, or add a coder to the unionCoder`,
  });
