import { PipelineError } from "../../sdk/errors.ts";
import type { CollectNode } from "../../sdk/graph.ts";
import { CollectedFrom, type Collected } from "../../sdk/transforms/collect.ts";
import type { Label } from "./batch.ts";

/** What comes out at the `collect()`s of a pipeline, and those who look at it: the caller, assertions, observers. */
export class Outputs<B extends Label> {
  readonly #collects: readonly CollectNode[];
  readonly #collected: readonly B[][];
  readonly #unpack: (batch: B) => readonly unknown[];

  /** @param collected - by place among the collects: the batches that are there now. */
  constructor(collects: readonly CollectNode[], collected: readonly B[][], unpack: (batch: B) => readonly unknown[]) {
    this.#collects = collects;
    this.#collected = collected;
    this.#unpack = unpack;
  }

  /** Hands what was committed to those who take it as it comes; it is not kept. */
  tellObservers(): void {
    this.#collects.forEach(({ observer }, place) => {
      if (observer === undefined) return;
      for (const batch of this.#collected[place]!.splice(0)) observer.next(this.#unpack(batch));
    });
  }

  /** Tells them that nothing more will come. */
  endObservers(failure?: { readonly error: unknown }): void {
    for (const { observer } of this.#collects) observer?.end(failure);
  }

  /** Lets assertions look at what they are about. */
  verify(): void {
    this.#collects.forEach(({ verify }, place) => verify?.(this.#elementsAt(place)));
  }

  /** The elements for a handle. */
  of<T>(handle: Collected<T>): readonly T[] {
    const place = handle instanceof CollectedFrom ? this.#collects.findIndex(({ id }) => id === (handle as CollectedFrom).node) : -1;
    if (place !== -1) return this.#elementsAt(place) as readonly T[];
    throw new PipelineError("NOT_COLLECTED", {
      what: "this handle comes from no collect() of the pipeline that was run",
      fix: "keep what .apply(collect()) gave in the builder of this run",
    });
  }

  #elementsAt(place: number): readonly unknown[] {
    return this.#collected[place]!.flatMap(this.#unpack);
  }
}
