import * as v from "valibot";
import { z } from "zod";
import { filter, map, parse, withExceptionHandling, type DeadLetter, type Invalid, type Issue, type PCollection } from "millrace";
import { items, words } from "./inputs.ts";
import { is } from "./is.ts";

const Order = z.object({ id: z.string(), quantity: z.coerce.number() });

const { valid, invalid } = words.apply("Parse", parse(Order));
is<PCollection<{ id: string; quantity: number }>>()(valid);
is<PCollection<Invalid<string>>>()(invalid);
is<PCollection<number>>()(items.apply(parse(v.pipe(v.unknown(), v.transform(Number)))).valid);
is<PCollection<readonly Issue[]>>()(items.apply(parse(Order)).invalid.apply(map(({ issues }) => issues)));
is<PCollection<string>>()(items.apply(parse(Order)).invalid.apply(map(({ element }) => element.user)));
is<PCollection<DeadLetter<string>>>()(words.apply(withExceptionHandling(parse(Order), { then: "deadLetter" })).failed);
// @ts-expect-error the schema has no such field
valid.apply(filter(({ price }) => price > 0));
// @ts-expect-error no schema
words.apply(parse({ id: "string" }));
// @ts-expect-error a function is none either
words.apply(parse((word: string) => word.length));
