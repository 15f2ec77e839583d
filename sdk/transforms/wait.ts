import { PipelineError } from "../errors.ts";
import type { Collection } from "../graph.ts";
import { builderOf } from "../graph-builder.ts";
import { ptransform, type PCollection, type PTransform } from "../pipeline.ts";
import type { SideInput } from "../side-input.ts";
import { expansionOf } from "../transform.ts";
import { never } from "../trigger.ts";
import { isGlobal } from "../windows/global.ts";
import { filter } from "./filter.ts";
import { asIterable } from "./side-inputs.ts";
import { withWindowing } from "./with-windowing.ts";

/**
 * Holds elements back until other collections are complete: until a file is written, a table is filled.
 *
 * Shape: `PCollection<T>` → `PCollection<T>`, the same elements with the same times. An element passes, in each of its windows, when no
 * more elements can come for that window of the signals: when their watermarks have passed its end by their allowed lateness. Which window
 * of a signal belongs to one of the input is as for side inputs; the input may be without end where the signals are in windows, or
 * end. Until then the elements are kept in memory; those of the signals are not.
 *
 * @param signals - the collections to wait for, at least one; what they hold does not matter.
 * @throws PipelineError `SIDE_INPUT_NEVER_READY` for a signal without end in the global window; `BAD_SIDE_INPUT` for a signal whose
 * windows merge, or in windows where the input is in the global one; `BAD_ARGUMENT` for no signal.
 *
 * @example
 * ```ts
 * const written = orders.apply(writeText("orders.txt"));
 * p.apply(create(["done"])).apply(wait(written)).apply(asyncMap(notify)); // when orders.txt is there
 * ```
 * @see Beam's `Wait.on`.
 */
export function wait<T>(
  ...signals: readonly [PCollection<unknown>, ...PCollection<unknown>[]]
): PTransform<PCollection<T>, PCollection<T>> {
  if (signals.length === 0) throw new PipelineError("BAD_ARGUMENT", { what: "wait takes one collection or more to wait for" });
  return expansionOf({
    name: "Wait",
    spec: undefined,
    reads: signals,
    expand(input: PCollection<T>) {
      const sideInputs = Object.fromEntries(signals.map((signal, i) => [`signal ${i + 1}`, signal.apply(completion)]));
      return input.apply(filter(() => true, { sideInputs }));
    },
  });
}

/** A side input without elements, which is ready for a window when the collection is complete there: a pane would be one earlier. */
const completion = ptransform("Completion", (signal: PCollection<unknown>): SideInput<unknown> => {
  const builder = builderOf(signal);
  mustEnd(builder.collectionOf(signal), builder.path);
  return asIterable(
    signal.pipe(
      filter(() => false),
      withWindowing({ trigger: never(), accumulation: "discarding", allowUnsafeTriggers: true }),
    ),
  );
});

function mustEnd({ isBounded, windowing, name }: Collection, at: string): void {
  if (isBounded || !isGlobal(windowing)) return;
  throw new PipelineError("SIDE_INPUT_NEVER_READY", {
    what: "a collection to wait for would never be complete: it has no end, and neither has its window",
    at,
    got: `the collection ${name}, which is not bounded, in the global window`,
    fix: "put windowInto(fixedWindows(…)) before it",
  });
}
