import { PipelineError } from "../errors.ts";
import { builderOf } from "../graph-builder.ts";
import { expansionOf } from "../transform.ts";
import type { PCollection } from "../pipeline.ts";
import { comparableText, differenceOf } from "./same-elements.ts";

/** What a collection is to hold when the run is over. A run in which it does not fails; so does one that ends before it was looked at. */
export interface CollectionAssertion<in out T> {
  /** Holds these elements, each as often as it is listed, in any order. */
  containsInAnyOrder(expected: Iterable<T>): void;
  /** Holds this one element. */
  containsExactlyOneElement(expected: T): void;
  /** Holds nothing. */
  isEmpty(): void;
  /** What is held, in any order, lets `check` return; what it throws fails the run. On threads it runs on the main one. */
  satisfies(check: (elements: readonly T[]) => void): void;
}

/**
 * Says, as part of a pipeline, what a collection is to hold. It is looked at once, when the run is over.
 *
 * @param reason - what it means if it does not hold; the error begins with it.
 * @throws PipelineError `ASSERTION_FAILED` from the run, with what is missing and what nobody expected.
 *
 * @example
 * ```ts
 * await directRunner().run((p) => {
 *   const lengths = p.apply(create(["a", "bc"])).apply(map((w) => w.length));
 *   assertThat(lengths).containsInAnyOrder([2, 1]);
 * });
 * ```
 */
export function assertThat<T>(collection: PCollection<T>, reason?: string): CollectionAssertion<T> {
  const verify = (check: (elements: readonly T[], at: string) => void): void => {
    collection.apply(
      expansionOf({
        name: "AssertThat",
        spec: undefined,
        expand(input: PCollection<T>) {
          const builder = builderOf(input);
          const from = builder.collectionOf(input);
          builder.add({ kind: "collect", verify: (elements) => check(elements as readonly T[], builder.path) }, [from.id], from, {});
        },
      }),
    );
  };
  const compare = (expected: readonly T[]): void =>
    verify((elements) => {
      const difference = differenceOf(elements, expected);
      if (difference !== undefined) throw failed(collection.name, reason, difference, expected, elements);
    });
  return {
    containsInAnyOrder: (expected) => compare([...expected]),
    containsExactlyOneElement: (expected) => compare([expected]),
    isEmpty: () => compare([]),
    satisfies: (check) =>
      verify((elements) => {
        try {
          check(elements);
        } catch (error) {
          throw failed(collection.name, reason, error instanceof Error ? error.message : String(error), undefined, elements, error);
        }
      }),
  };
}

function failed(
  name: string,
  reason: string | undefined,
  difference: string,
  expected: readonly unknown[] | undefined,
  actual: readonly unknown[],
  cause?: unknown,
): PipelineError {
  const expectation = expected === undefined ? "" : `expected ${listed(expected)}\n    actual ${listed(actual)}\n    `;
  return new PipelineError("ASSERTION_FAILED", {
    what: reason ?? "the collection does not hold what was expected of it",
    at: name,
    got: `${expectation}${difference}`,
    cause,
  });
}

function listed(elements: readonly unknown[]): string {
  const texts = elements.slice(0, 10).map(comparableText);
  return `${elements.length === 0 ? "nothing" : texts.join(", ")}${elements.length > texts.length ? `, and ${elements.length - texts.length} more` : ""}`;
}
