import type { ElementContext } from "../contexts.ts";
import { usesContext, type ElementCall } from "../graph.ts";
import { primitive } from "../transform.ts";
import type { PCollection, PTransform } from "../pipeline.ts";

/**
 * Looks at each element and hands it on.
 *
 * Shape: `PCollection<T>` → `PCollection<T>`, the same elements with the same times and windows. A bundle that is repeated
 * after a failure is looked at again.
 *
 * @param f - must not change the element. With its second parameter declared it runs once for each window of an element.
 *
 * @example
 * ```ts
 * const empty = counter("empty_lines");
 * lines.apply(tap((line) => { if (line === "") empty.inc(); }));
 * ```
 */
export function tap<T>(f: (element: T, ctx: ElementContext) => void): PTransform<PCollection<T>, PCollection<T>> {
  return tapping("Tap", f as ElementCall<void>);
}

/** The step of {@link tap} under another name. */
export function tapping<T>(name: string, f: ElementCall<void>): PTransform<PCollection<T>, PCollection<T>> {
  // Declares its context exactly where `f` does.
  const call: ElementCall<unknown> = usesContext(f)
    ? (element, ctx) => {
        f(element, ctx);
        return element;
      }
    : (element) => {
        f(element);
        return element;
      };
  return primitive(name, ({ coder }) => ({ kind: "parDo", fn: { kind: "map", call }, output: { coder } }));
}
