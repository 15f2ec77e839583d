import { PipelineError, shortText } from "../errors.ts";
import { builderOf } from "../graph-builder.ts";
import { expansionOf } from "../transform.ts";
import type { PCollection } from "../pipeline.ts";
import { reify, type Reified } from "../transforms/reify.ts";
import type { IntervalWindow, Pane, Window } from "../windowing.ts";
import { globalWindow } from "../windows/global.ts";
import { comparableText, differenceOf } from "./same-elements.ts";

/** What a collection, or a part of it, is to hold when the run is over. A run in which it does not fails; so does one that ends before it was looked at. */
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

/** An assertion on a collection, or on what it holds in one window. Panes are those of the grouping that the elements come from. */
export interface WindowedAssertion<in out T> extends CollectionAssertion<T> {
  /** What is held in a window, in all of its panes. */
  inWindow(window: Window): CollectionAssertion<T>;
  /** What the pane on time of a window holds. */
  inOnTimePane(window: Window): CollectionAssertion<T>;
  /** What the last pane of a window holds, and what comes from no grouping. */
  inFinalPane(window: Window): CollectionAssertion<T>;
  /** What all early panes of a window hold. */
  inEarlyPanes(window: Window): CollectionAssertion<T>;
  /** What all late panes of a window hold. */
  inLatePanes(window: Window): CollectionAssertion<T>;
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
 *
 * @example
 * ```ts
 * assertThat(counts).inOnTimePane(intervalWindow(0, minutes(1))).containsInAnyOrder([["to", 2], ["be", 1]]);
 * ```
 */
export function assertThat<T>(collection: PCollection<T>, reason?: string): WindowedAssertion<T> {
  const where = (window: Window, panes: string, isIn: (pane: Pane) => boolean): CollectionAssertion<T> =>
    assertionOn(collection, reason, { window, panes, isIn });
  return {
    ...assertionOn(collection, reason, undefined),
    inWindow: (window) => where(window, "", () => true),
    inOnTimePane: (window) => where(window, "the pane on time of ", ({ timing }) => timing === "ON_TIME"),
    inFinalPane: (window) => where(window, "the last pane of ", ({ isLast }) => isLast),
    inEarlyPanes: (window) => where(window, "the early panes of ", ({ timing }) => timing === "EARLY"),
    inLatePanes: (window) => where(window, "the late panes of ", ({ timing }) => timing === "LATE"),
  };
}

/** The part of a collection that an assertion is about. */
interface Part {
  readonly window: Window;
  /** Which panes, as an error calls them. */
  readonly panes: string;
  readonly isIn: (pane: Pane) => boolean;
}

function assertionOn<T>(collection: PCollection<T>, reason: string | undefined, part: Part | undefined): CollectionAssertion<T> {
  const verify = (check: (elements: readonly T[]) => void): void => {
    collection.apply(
      expansionOf({
        name: "AssertThat",
        spec: undefined,
        expand(input: PCollection<T>) {
          if (part === undefined) hold(input, check);
          else hold(input.apply(reify()), (elements) => check(partOf(input, elements, part)));
        },
      }),
    );
  };
  const fail = failing(collection.name, `${reason ?? "the collection does not hold what was expected of it"}${placeText(part)}`);
  const compare = (expected: readonly T[]): void =>
    verify((elements) => {
      const difference = differenceOf(elements, expected);
      if (difference !== undefined) throw fail(difference, { expected, elements });
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
          throw fail(error instanceof Error ? error.message : String(error), { cause: error });
        }
      }),
  };
}

/** Has a collection looked at when the run is over. */
function hold<T>(collection: PCollection<T>, check: (elements: readonly T[]) => void): void {
  const builder = builderOf(collection);
  const from = builder.collectionOf(collection);
  builder.add({ kind: "collect", verify: (elements) => check(elements as readonly T[]) }, [from.id], from, {});
}

/** The elements of a part. A window is known by its bytes, since it may have come from another thread. */
function partOf<T>(collection: PCollection<T>, elements: readonly Reified<T>[], { window, isIn }: Part): readonly T[] {
  const { windowCoder } = builderOf(collection).collectionOf(collection).windowing.windowFn;
  const identityOf = (each: Window): string => windowCoder.encode(each).join();
  const identity = identityOf(window);
  return elements.filter((each) => isIn(each.pane) && identityOf(each.window) === identity).map(({ value }) => value);
}

function placeText(part: Part | undefined): string {
  return part === undefined ? "" : `, in ${part.panes}${windowText(part.window)}`;
}

function windowText(window: Window): string {
  if (window.maxTimestamp === globalWindow.maxTimestamp) return "the global window";
  const { start, end } = window as IntervalWindow;
  return `the window ${start === undefined ? shortText(window) : `[${start}, ${end})`}`;
}

/** What makes the error of an assertion. */
const failing =
  (name: string, what: string) =>
  (
    difference: string,
    {
      expected,
      elements,
      cause,
    }: { readonly expected?: readonly unknown[]; readonly elements?: readonly unknown[]; readonly cause?: unknown },
  ): PipelineError => {
    const expectation = expected === undefined ? "" : `expected ${listed(expected)}\n    actual ${listed(elements!)}\n    `;
    return new PipelineError("ASSERTION_FAILED", { what, at: name, got: `${expectation}${difference}`, cause });
  };

function listed(elements: readonly unknown[]): string {
  const texts = elements.slice(0, 10).map(comparableText);
  return `${elements.length === 0 ? "nothing" : texts.join(", ")}${elements.length > texts.length ? `, and ${elements.length - texts.length} more` : ""}`;
}
