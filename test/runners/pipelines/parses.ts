import * as v from "valibot";
import { z } from "zod";
import { collect, create, definePipeline, parse, reshuffle, type Collected, type StandardSchema } from "millrace";

/** An order, as each library says it; both turn the text of a day into a date. */
const schemas = {
  zod: z.object({ id: z.string(), lines: z.array(z.object({ count: z.number() })), day: z.iso.date().transform((day) => new Date(day)) }),
  valibot: v.object({
    id: v.string(),
    lines: v.array(v.object({ count: v.number() })),
    day: v.pipe(
      v.string(),
      v.isoDate(),
      v.transform((day) => new Date(day)),
    ),
  }),
  waiting: z.object({ id: z.string().refine(async () => false) }),
} satisfies Readonly<Record<string, StandardSchema>>;

/** What is to be parsed; the second and the third are no orders. */
export const orders: readonly unknown[] = [
  { id: "a", lines: [{ count: 1 }], day: "2024-05-01" },
  { id: "b", lines: [{ count: 1 }, { count: "2" }], day: "2024-05-01" },
  null,
];

let handles!: { readonly valid: Collected<unknown>; readonly invalid: Collected<unknown> };

/** What the pipeline that was built last on this thread collects. */
export const collected = (): typeof handles => handles;

/** Parses the orders by the schema of a library; what comes of it is spread, so that it is encoded on threads. */
export default definePipeline(import.meta.url, { options: { library: { type: "string", required: true } } }, (p, { library }) => {
  const { valid, invalid } = p.apply(create(orders)).apply(parse(schemas[library as keyof typeof schemas] as StandardSchema));
  handles = {
    valid: valid.apply("Spread valid", reshuffle()).apply("Valid", collect()),
    invalid: invalid.apply("Spread invalid", reshuffle()).apply("Invalid", collect()),
  };
});
