import { right, type AnyCoder } from "./coders/coder.ts";
import { kvCoder } from "./coders/kv.ts";
import { structuralCoder } from "./coders/structural.ts";

type Carrier = Readonly<Record<string, unknown>>;

/**
 * The coder of plain records that carry an element in one of their fields: the element by its own coder, the other fields by
 * the structural one. So what carries an element can leave the thread whenever the element itself can.
 */
export function carrierCoder(field: string, elementCoder: AnyCoder): AnyCoder {
  if (elementCoder === structuralCoder) return structuralCoder;
  const parts = kvCoder<unknown, Carrier>(elementCoder, structuralCoder);
  const apart = ({ [field]: element, ...rest }: Carrier) => [element, rest] as const;
  const together = ([element, rest]: readonly [unknown, Carrier]): Carrier => ({ [field]: element, ...rest });
  return Object.freeze({
    name: `${field}(${elementCoder.name ?? "?"})`,
    encode: (carrier: Carrier) => parts.encode(apart(carrier)),
    decode(bytes: Uint8Array) {
      const answer = parts.decode(bytes);
      return answer._tag === "Left" ? answer : right(together(answer.right));
    },
  });
}
