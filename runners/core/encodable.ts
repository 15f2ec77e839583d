import type { AnyCoder } from "../../sdk/coders/coder.ts";
import { mustBePlain, structuralCoder } from "../../sdk/coders/structural.ts";
import type { CollectionId } from "../../sdk/graph.ts";
import type { Batch } from "./batch.ts";
import { batchCodersOf } from "./batch-coders.ts";
import { stepFailed } from "./failures.ts";
import type { Plan } from "./plan.ts";

/** How many elements of each collection are looked at, where not all are. */
const FIRST = 1_000;

/**
 * Looks whether elements that leave a stage could be encoded, on runners that need no bytes of them: what works only as long
 * as nothing leaves its thread is found on every runner, and a pipeline does not change its meaning when it moves to another.
 */
export class EncodableCheck {
  readonly #plan: Plan;
  readonly #most: number;
  readonly #looked = new Map<CollectionId, number>();

  /** @param isStrict - whether all elements are looked at, and not only the first of each collection. */
  constructor(plan: Plan, isStrict: boolean) {
    this.#plan = plan;
    this.#most = isStrict ? Infinity : FIRST;
  }

  look(batch: Batch): void {
    const { collection, size, values } = batch;
    const looked = this.#looked.get(collection) ?? 0;
    if (looked >= this.#most || batch.isPartial === true) return;
    const count = Math.min(size, this.#most - looked);
    this.#looked.set(collection, looked + count);
    const { valueCoder } = batchCodersOf(this.#plan, batch);
    for (let i = 0; i < count; i++) this.#mustEncode(values[i], valueCoder, collection);
  }

  #mustEncode(value: unknown, coder: AnyCoder, collection: CollectionId): void {
    try {
      if (coder === structuralCoder) mustBePlain(value);
      else coder.encode(value);
    } catch (error) {
      throw stepFailed(this.#plan.graph.collections[collection]!.name, value, error);
    }
  }
}
