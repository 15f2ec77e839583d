import type { AnyCoder } from "../../sdk/coders/coder.ts";
import { mustBePlain, structuralCoder } from "../../sdk/coders/structural.ts";
import type { AnyCombineFn } from "../../sdk/combine/combine-fn.ts";
import { PipelineError, shortText } from "../../sdk/errors.ts";
import type { CollectionId } from "../../sdk/graph.ts";
import type { Batch } from "./batch.ts";
import { batchCodersOf } from "./batch-coders.ts";
import { stepFailed } from "./failures.ts";
import { frozen } from "./frozen.ts";
import type { Plan } from "./plan.ts";

/** How many elements of each collection are looked at, where not all are, and about how many bytes of them: one may be a large group. */
const FIRST = 1_000;
const FIRST_BYTES = 1_024 * 1_024;
/** How many accumulators of each grouping; they are fewer than elements, and each may be large. */
const FIRST_ACCUMULATORS = 100;

/** How much of a collection is still looked at. */
interface Left {
  elements: number;
  bytes: number;
}

/**
 * Looks whether elements that leave a stage could be encoded, on runners that need no bytes of them: what works only as long
 * as nothing leaves its thread is found on every runner, and a pipeline does not change its meaning when it moves to another.
 */
export class EncodableCheck {
  readonly #plan: Plan;
  readonly #isStrict: boolean;
  readonly #left = new Map<CollectionId, Left>();
  /** By stage, for those that combine. */
  readonly #accumulators = new Map<number, AccumulatorCheck>();

  /** @param isStrict - whether all elements are looked at, and not only the first of each collection. */
  constructor(plan: Plan, isStrict: boolean) {
    this.#plan = plan;
    this.#isStrict = isStrict;
  }

  look(batch: Batch): void {
    const accumulators = this.#accumulatorsOf(batch.target);
    if (batch.isPartial === true) accumulators?.lookAll(batch.values, batch.size);
    else this.#lookAtElements(batch);
  }

  #lookAtElements(batch: Batch): void {
    const { collection, size, values } = batch;
    const left = this.#leftOf(collection);
    if (left.elements <= 0 || left.bytes <= 0) return;
    const { valueCoder } = batchCodersOf(this.#plan, batch);
    for (let i = 0; i < size && left.elements > 0 && left.bytes > 0; i++) {
      left.elements--;
      left.bytes -= this.#mustEncode(values[i], valueCoder, collection);
    }
  }

  #leftOf(collection: CollectionId): Left {
    let left = this.#left.get(collection);
    if (left === undefined) {
      left = this.#isStrict ? { elements: Infinity, bytes: Infinity } : { elements: FIRST, bytes: FIRST_BYTES };
      this.#left.set(collection, left);
    }
    return left;
  }

  /** Answers how many bytes an element has, where that was found. */
  #mustEncode(value: unknown, coder: AnyCoder, collection: CollectionId): number {
    try {
      return encode(value, coder);
    } catch (error) {
      throw stepFailed(this.#plan.graph.collections[collection]!.name, value, error);
    }
  }

  /** What looks at the accumulators of a stage; it begins with the one that it would begin with itself. */
  #accumulatorsOf(target: number): AccumulatorCheck | undefined {
    const known = this.#accumulators.get(target);
    if (known !== undefined) return known;
    const stage = this.#plan.stages[target];
    if (stage?.head.kind !== "group" || !stage.head.isCombine) return undefined;
    const check = new AccumulatorCheck(stage.head.fn, stage.path, this.#isStrict);
    this.#accumulators.set(target, check);
    check.lookAtFirst();
    return check;
  }
}

/**
 * Looks whether accumulators could be encoded: on threads a bundle's accumulators are sent to the thread that owns the key, and a
 * checkpoint holds them on any runner.
 */
export class AccumulatorCheck {
  readonly #fn: AnyCombineFn;
  readonly #path: string;
  #left: number;

  /**
   * @param path - the step that combines.
   * @param isStrict - whether all of them are looked at, and not only the first.
   */
  constructor(fn: AnyCombineFn, path: string, isStrict: boolean) {
    this.#fn = fn;
    this.#path = path;
    this.#left = isStrict ? Infinity : FIRST_ACCUMULATORS;
  }

  /** Looks at an accumulator of nothing. One with a coder of its own never has to take that, since it is not sent. */
  lookAtFirst(): void {
    if (this.#fn.accumulatorCoder !== undefined) return;
    let accumulator: unknown;
    try {
      accumulator = this.#fn.create();
    } catch {
      return; // it fails again, and is named, for the first element
    }
    this.#mustEncode(accumulator);
  }

  lookAll(accumulators: readonly unknown[], size: number): void {
    for (let i = 0; i < size && this.#left > 0; i++) this.look(accumulators[i]);
  }

  /** Looks at one more, as long as there have not been many. Throws `NOT_ENCODABLE`. */
  look(accumulator: unknown): void {
    if (this.#left === 0) return;
    this.#left--;
    this.#mustEncode(accumulator);
  }

  #mustEncode(accumulator: unknown): void {
    try {
      encode(accumulator, this.#fn.accumulatorCoder ?? structuralCoder);
    } catch (error) {
      throw notEncodable(this.#path, this.#fn.name, accumulator, error);
    }
  }
}

/** Looks whether what is written to a state could be encoded, which a checkpoint needs. */
export class StateCheck {
  readonly #name: string;
  readonly #coder: AnyCoder;
  readonly #path: string;
  readonly #isStrict: boolean;
  #left: number;

  /**
   * @param name - what errors call the state.
   * @param path - the step that has it.
   * @param isStrict - whether all values are looked at, and frozen, and not only the first looked at.
   */
  constructor(name: string, coder: AnyCoder, path: string, isStrict: boolean) {
    this.#name = name;
    this.#coder = coder;
    this.#path = path;
    this.#isStrict = isStrict;
    this.#left = isStrict ? Infinity : FIRST;
  }

  readonly look = (value: unknown): void => {
    if (this.#left === 0) return;
    this.#left--;
    try {
      encode(value, this.#coder);
    } catch (error) {
      throw new PipelineError("NOT_ENCODABLE", {
        what: `${this.#name} could not keep a value: ${error instanceof PipelineError ? error.parts.what : shortText(error)}`,
        at: this.#path,
        got: shortText(value),
        fix: "keep plain data, or give the state a coder",
        cause: error,
      });
    }
    if (this.#isStrict) frozen(value);
  };
}

/** Answers how many bytes a value has; of plain data, which are only looked at, nobody knows. */
function encode(value: unknown, coder: AnyCoder): number {
  if (coder !== structuralCoder) return coder.encode(value).length;
  mustBePlain(value);
  return 0;
}

function notEncodable(path: string, combiner: string, accumulator: unknown, error: unknown): PipelineError {
  const why = error instanceof PipelineError ? error.parts.what : shortText(error);
  return new PipelineError("NOT_ENCODABLE", {
    what: `an accumulator of the combiner ${combiner} could not leave its thread: ${why}`,
    at: path,
    got: shortText(accumulator),
    fix: "let the combiner keep plain data, or give it an accumulatorCoder",
    cause: error,
  });
}
