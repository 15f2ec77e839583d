import { rowCoder } from "../coders/row.ts";
import { structuralCoder } from "../coders/structural.ts";
import type { AnyCoder } from "../coders/coder.ts";
import { PipelineError, shortText } from "../errors.ts";
import type { PCollection, PTransform } from "../pipeline.ts";
import type { SchemaIssue, SchemaResult, StandardSchema } from "../standard-schema.ts";
import { route } from "./route.ts";

/** What is wrong with an element. */
export interface Issue {
  /** The words of the schema's library. */
  readonly message: string;
  /** The keys that lead to the part of the element that is wrong; none where it is wrong as a whole. */
  readonly path: readonly (string | number)[];
}

/** An element that is not what a schema says. */
export interface Invalid<out A> {
  /** The element as it came. */
  readonly element: A;
  /** What is wrong with it, at least one thing. */
  readonly issues: readonly Issue[];
}

/** What {@link parse} gives. */
export interface ParseOutputs<out A, out Out> {
  /** What the schema made of the elements that it takes. */
  readonly valid: PCollection<Out>;
  /** The elements that it does not take. */
  readonly invalid: PCollection<Invalid<A>>;
}

/**
 * Checks each element by a schema, of which it gets its type: zod, valibot, arktype, or any other library of Standard Schema.
 *
 * Shape: `PCollection<A>` → `{ valid: PCollection<Out>, invalid: PCollection<Invalid<A>> }`, one element for each in one of them;
 * time and windows stay. `Out` is the schema's output: where it sets defaults or turns texts into numbers, so do the elements.
 *
 * @param schema - what elements have to be. It is called synchronously.
 * @throws PipelineError `BAD_ARGUMENT` when it is no such schema. In the run `ASYNC_STEP` when it gives a promise; asyncMap is for
 * what has to wait.
 * @see https://standardschema.dev
 *
 * @example
 * ```ts
 * const Order = z.object({ id: z.string(), quantity: z.number().int() });
 * const { valid, invalid } = p.apply(readJsonLines("orders.jsonl")).apply(parse(Order));
 * // {"id":"a","quantity":2} → valid: { id: "a", quantity: 2 }
 * // {"id":"b"}              → invalid: { element: { id: "b" }, issues: [{ message: "Invalid input: …", path: ["quantity"] }] }
 * ```
 */
export function parse<A, Out>(schema: StandardSchema<Out>): PTransform<PCollection<A>, ParseOutputs<A, Out>> {
  const { validate } = mustBeSchema(schema)["~standard"];
  return route(
    "Parse",
    {
      tags: ["valid", "invalid"],
      prepare: (element) => outcomeOf(element, validate(element)),
      call: (outcome) => ("value" in (outcome as Outcome) ? 0 : 1),
      unwrap: (outcome) => ("value" in (outcome as Outcome) ? (outcome as { readonly value: unknown }).value : outcome),
      coderOf: (input, tag) => (tag === "valid" ? undefined : invalidCoder(input)),
    },
    ({ valid, invalid }) => ({ valid: valid!, invalid: invalid! }),
  );
}

type Outcome = { readonly value: unknown } | Invalid<unknown>;

function outcomeOf(element: unknown, result: SchemaResult<unknown> | Promise<SchemaResult<unknown>>): Outcome {
  if (result instanceof Promise) {
    result.catch(() => {}); // what it fails with would end the process beside the error below
    throw new PipelineError("ASYNC_STEP", {
      what: "a schema has to wait for something, and parse is synchronous",
      got: shortText(element),
      fix: 'use asyncMap((element) => schema["~standard"].validate(element), { concurrency }), and splitBy what it gives',
    });
  }
  if (!result.issues) return { value: result.value };
  return { element, issues: result.issues.map(issueOf) };
}

/** Libraries put more into their issues, such as functions, that could not leave the thread. */
const issueOf = ({ message, path = [] }: SchemaIssue): Issue => ({ message, path: path.map(keyOf) });

function keyOf(part: PropertyKey | { readonly key: PropertyKey }): string | number {
  const key = typeof part === "object" ? part.key : part;
  return typeof key === "symbol" ? String(key) : key;
}

const invalidCoder = (elementCoder: AnyCoder): AnyCoder | undefined =>
  elementCoder === structuralCoder ? undefined : rowCoder({ element: elementCoder, issues: structuralCoder });

function mustBeSchema<Out>(schema: StandardSchema<Out>): StandardSchema<Out> {
  if (typeof (schema as StandardSchema | undefined)?.["~standard"]?.validate === "function") return schema;
  throw new PipelineError("BAD_ARGUMENT", {
    what: "parse takes a schema of Standard Schema, such as those of zod, valibot and arktype",
    got: shortText(schema),
    fix: "for a function that tells what is wrong there is mapEither",
  });
}
