import fc from "fast-check";
import { Views } from "../../runners/core/side-inputs/views.ts";
import { impulse, intervalWindow, NO_FIRING, PipelineError, type DeadLetter, type Window } from "millrace";
import { ExchangeSlot } from "../../runners/core/exchange-slot.ts";
import { KeyDictionary } from "../../runners/core/key-dictionary.ts";
import { Passes } from "../../runners/core/passes.ts";
import type { Plan, SlotSpec, Stage } from "../../runners/core/plan.ts";
import { KeyedSlot, PlainSlot, type Slot } from "../../runners/core/slot.ts";
import { countsByCollection, StageLoop, type BackEnd, type Pass } from "../../runners/core/stage-loop.ts";
import type { SlotKind } from "../../runners/core/slot-source.ts";
import { UNSTAMPED, type Batch } from "../../runners/core/batch.ts";
import { batchWith, elementsOf, pairsOf, type Element, type Grouped } from "./batches.ts";
import { planOf } from "./hand-driven.ts";
import { outcomeOf, type Failed, type Outcome } from "./step-tree-oracle.ts";
import { groupOf, ROOT, treeElement, type StepTree } from "./step-trees.ts";

/** What makes a back end for a stage, whose slots are of these kinds. */
export type MakeBackEnd = (kinds: readonly SlotKind[]) => BackEnd;

/** Some elements, under one stamp or each with its own. */
export interface InputBatch {
  readonly elements: readonly Element[];
  readonly stamps: "none" | "one" | "columns";
}

const windows: readonly (readonly Window[])[] = [
  UNSTAMPED.windows,
  Object.freeze([intervalWindow(0, 10)]),
  Object.freeze([intervalWindow(0, 10), intervalWindow(5, 15)]),
];

const inputElement = fc
  .record({ value: treeElement, timestamp: fc.nat(20), windows: fc.constantFrom(...windows) })
  .map((each): Element => ({ ...each, pane: NO_FIRING }));

/** Bundles of batches for a tree: the elements with the stamps that their batch says. */
export const inputBundles: fc.Arbitrary<readonly (readonly InputBatch[])[]> = fc.array(
  fc.array(
    fc
      .record({ elements: fc.array(inputElement, { minLength: 1, maxLength: 6 }), stamps: fc.constantFrom("none", "one", "columns") })
      .map(({ elements, stamps }) => {
        const { value: _, ...first } = elements[0]!;
        const stamp = { none: UNSTAMPED, one: first, columns: {} }[stamps];
        return { elements: elements.map((each) => ({ ...each, ...stamp })), stamps } as InputBatch;
      }),
    { maxLength: 3 },
  ),
  { minLength: 1, maxLength: 3 },
);

const batchOf = ({ elements, stamps }: InputBatch): Batch => {
  const batch = batchWith(elements, { isUniform: stamps !== "columns" });
  return stamps === "none" ? { ...batch, stamps: UNSTAMPED } : batch;
};

/** How the slots of a stage are made. */
export interface SlotCut {
  readonly batchSize: number;
  /** 1 for a grouping that shares its dictionary. */
  readonly partitions: number;
}

/** The one stage of a tree, as an engine has it: its bundles run one after the other. */
export class TreeStage {
  readonly #plan: Plan;
  readonly #stage: Stage;
  readonly #loop: StageLoop;
  readonly #passes: Passes;
  readonly #keys = new Map<number, KeyDictionary>();
  readonly #cut: SlotCut;

  constructor(tree: StepTree, makeBackEnd: MakeBackEnd, cut: SlotCut) {
    this.#plan = planOf((p) => void tree.apply(p.apply(ROOT, impulse())));
    this.#stage = this.#plan.stages[0]!;
    this.#cut = cut;
    this.#loop = new StageLoop(
      this.#stage,
      { options: {}, views: new Views([]) },
      makeBackEnd(this.#stage.slots.map(({ target }) => this.#slotKind(target))),
    );
    this.#passes = new Passes(
      this.#stage,
      () => this.#stage.slots.map((slot) => this.#newSlot(slot)),
      () => 0,
    );
  }

  #slotKind(target: number): SlotKind {
    return this.#plan.stages[target]?.head.kind === "group" ? "keyed" : "plain";
  }

  #newSlot({ target, collection }: SlotSpec): Slot {
    const { partitions, batchSize } = this.#cut;
    const to = { target, collection };
    const head = this.#plan.stages[target]?.head;
    if (head?.kind !== "group") return new PlainSlot(to, 1, batchSize);
    if (partitions > 1) return new ExchangeSlot({ to, partitions, keyCoder: head.keyCoder, capacity: batchSize, lift: undefined });
    const keys = this.#keys.get(target) ?? new KeyDictionary();
    this.#keys.set(target, keys);
    return new KeyedSlot(to, keys, batchSize);
  }

  /** Runs one bundle. */
  async run(batches: readonly InputBatch[]): Promise<Outcome> {
    const pass = await this.#passes.take();
    try {
      await this.#loop.startBundle(pass);
      for (const batch of batches.map(batchOf)) this.#loop.run(batch.values, batch.size, batch.stamps, pass);
      await this.#loop.finishBundle(pass);
    } catch (error) {
      await this.#passes.drop(pass, error).catch(() => {});
      return { failed: failureOf(error), collected: {}, grouped: {}, counts: {}, counters: [] };
    }
    return this.#outcome(pass);
  }

  #outcome(pass: Pass): Outcome {
    const batches = pass.slots.flatMap((slot) => slot.takeBatches());
    const counts = Object.fromEntries([...countsByCollection(this.#stage, pass.counts)].map(([id, count]) => [this.#nameOf(id), count]));
    const counters = this.#passes
      .giveBack(pass)
      .map(({ step, name, value }) => `${step} ${name}: ${value.kind === "counter" ? value.add : value.kind}`);
    const collected: Record<string, readonly Element[]> = {};
    const grouped: Record<string, readonly Grouped[]> = {};
    for (const { path, collection, target } of this.#stage.slots) {
      const name = this.#nameOf(collection);
      const mine = batches.filter((batch) => batch.target === target);
      if (path === groupOf(name)) grouped[name] = mine.flatMap((batch) => pairsOf(batch, this.#keys.get(target)).map(withoutStack));
      else collected[name] = elementsOf(mine).map(withoutStack);
    }
    return { failed: undefined, collected, grouped, counts, counters: counters.toSorted() };
  }

  #nameOf(collection: number): string {
    return this.#plan.graph.collections[collection]!.name;
  }
}

/** What the error of a bundle says, as an oracle can know it. */
export function failureOf(error: unknown): Failed {
  if (!(error instanceof PipelineError)) throw error;
  const { code, parts, cause } = error;
  const message = code === "STEP_FAILED" && cause instanceof Error ? cause.message : code;
  return { step: parts.at ?? "", input: (parts.got ?? "").replace(/^the element /, ""), message };
}

const withoutStack = <E extends Grouped>(each: E): E => ({ ...each, value: withoutStacks(each.value) });

/** A value without what dead letters hold that no oracle knows: stacks, and the texts of the engine's own errors. */
export function withoutStacks(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutStacks);
  if (typeof value !== "object" || value === null || !("step" in value && "error" in value)) return value;
  const { element, step, error, attempts, timestamp } = value as unknown as DeadLetter<unknown>;
  const [code] = error.message.split(":");
  const shown = error.name === "PipelineError" ? { name: "Error", message: code } : { name: error.name, message: error.message };
  return { element: withoutStacks(element), step, error: shown, attempts, timestamp };
}

/** A failure as it can be compared: the input that an error shows is cut short, and where it is a dead letter it shows a stack. */
export function comparableFailure({ step, input, message }: Failed): Failed {
  const isWhole = message !== "BAD_TIMESTAMP" && !/"step":|"error":/.test(input);
  return { step, message, input: isWhole ? input : "" };
}

/** An outcome as it can be compared. */
export const comparable = ({ failed, grouped, ...outcome }: Outcome): Outcome => ({
  ...outcome,
  failed: failed && comparableFailure(failed),
  grouped: mapValues(grouped, inAnyOrder),
});

/** Pairs for several partitions leave in several batches, whose order says nothing. */
const inAnyOrder = (elements: readonly Grouped[]): readonly Grouped[] =>
  elements
    .map((each) => [JSON.stringify(each), each] as const)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([, each]) => each);

const mapValues = <A, B>(record: Readonly<Record<string, A>>, f: (value: A) => B): Record<string, B> =>
  Object.fromEntries(Object.entries(record).map(([name, value]) => [name, f(value)]));

/** What a back end makes of each bundle, beside what the tree means. */
export async function outcomes(
  makeBackEnd: MakeBackEnd,
  tree: StepTree,
  bundles: readonly (readonly InputBatch[])[],
  cut: SlotCut,
): Promise<readonly { readonly outcome: Outcome; readonly expected: Outcome }[]> {
  const stage = new TreeStage(tree, makeBackEnd, cut);
  const found: { outcome: Outcome; expected: Outcome }[] = [];
  for (const bundle of bundles) {
    const elements = bundle.flatMap((batch) => batch.elements);
    found.push({ outcome: await stage.run(bundle), expected: outcomeOf(tree, elements) });
  }
  return found;
}
