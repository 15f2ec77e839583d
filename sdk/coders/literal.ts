import { answerFor } from "./byte-reader.ts";
import { notTaken, plainCoder, type Coder } from "./coder.ts";

/** One value, which takes no bytes: a tag of rows that are told apart by it, as in {@link unionCoder}. Deterministic. */
export function literalCoder<const T extends string | number | boolean | null>(literal: T): Coder<T> {
  const mustBeIt = (value: T): void => {
    if (!Object.is(value, literal)) throw notTaken("literalCoder", JSON.stringify(literal), value);
  };
  return plainCoder([], {
    name: `literal(${JSON.stringify(literal)})`,
    deterministic: true,
    encode(value: T) {
      mustBeIt(value);
      return new Uint8Array(0);
    },
    encodeInto: mustBeIt,
    decode: (bytes: Uint8Array) => answerFor(bytes, () => literal),
    decodeFrom: () => literal,
  });
}
