import * as E from "fp-ts/lib/Either.js";
import { create, emptyCollection, map, numberCoder, output, withCoder, type Coder, type OutputSpec, type PCollection } from "millrace";
import { itemCoder, items, p, words, type Item } from "./inputs.ts";
import { is } from "./is.ts";

is<PCollection<Item>>()(items.apply(withCoder(itemCoder)));
is<PCollection<Item>>()(
  items.pipe(
    withCoder(itemCoder),
    map((item) => item),
  ),
);
is<PCollection<number>>()(p.apply(create([1, 2], { coder: numberCoder })));
is<PCollection<number>>()(p.apply("E", emptyCollection(numberCoder)));
is<PCollection<string | number>>()(p.apply(create([1, "a"])));
is<OutputSpec<number>>()(output(numberCoder));
export const flag: Coder<boolean> = {
  encode: (value) => Uint8Array.of(value ? 1 : 0),
  decode: (bytes) => (bytes.length === 1 ? E.right(bytes[0] === 1) : E.left({ code: "NOT_DECODABLE", message: "one byte" })),
};

// @ts-expect-error a coder of numbers is none of numbers and texts
output<number | string>(numberCoder);
// @ts-expect-error nor of some numbers only
output<1 | 2>(numberCoder);
// @ts-expect-error a coder of other elements
words.apply(withCoder(numberCoder));
// @ts-expect-error a coder of some of the elements
p.apply(create([1, "a"], { coder: numberCoder }));
// @ts-expect-error no coder
p.apply(emptyCollection());
// @ts-expect-error decode answers, it does not throw
({ encode: () => new Uint8Array(), decode: () => 3 }) satisfies Coder<number>;
