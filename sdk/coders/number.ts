import { PipelineError, shortText } from "../errors.ts";
import { left, right, type Coder } from "./coder.ts";

/**
 * Numbers as the 8 bytes of a double: every number there is, with -0, `NaN` and the infinities, and every safe integer. Deterministic.
 */
export const numberCoder: Coder<number> = Object.freeze({
  name: "number",
  deterministic: true,
  encode(value: number) {
    return new Uint8Array(Float64Array.of(numberOf(value)).buffer);
  },
  decode(bytes: Uint8Array) {
    if (bytes.length !== 8) return left("NOT_DECODABLE", `a number takes 8 bytes, these are ${bytes.length}`);
    return right(new Float64Array(bytes.slice().buffer)[0]!);
  },
  encodeAll(values: readonly number[]) {
    return new Uint8Array(Float64Array.from(values, numberOf).buffer);
  },
  decodeAll(bytes: Uint8Array) {
    if (bytes.length % 8 !== 0) return left("NOT_DECODABLE", `numbers take 8 bytes each, these are ${bytes.length}`);
    return right(Array.from(new Float64Array(bytes.slice().buffer)));
  },
});

function numberOf(value: number): number {
  if (typeof value === "number") return value;
  throw new PipelineError("NOT_ENCODABLE", {
    what: "numberCoder takes numbers only",
    got: shortText(value),
    fix: "map to a number before, or give the collection another coder by withCoder(…)",
  });
}
