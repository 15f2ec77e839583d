import { output, parDo, type KV, type PTransform } from "millrace";
import type { Choices } from "./choices.ts";
import { elementWise } from "./steps/element-wise.ts";
import { groupings } from "./steps/groupings.ts";
import { grouped, type Apply, type Facts, type Kind, type Pairs, type Trouble } from "./steps/kind.ts";
import { sideInputs } from "./steps/side-inputs.ts";
import { stateful } from "./steps/stateful.ts";
import { anyWindowing } from "./steps/windows.ts";

/** What steps do, by their names. */
const kinds: Readonly<Record<string, Kind>> = { ...elementWise, ...groupings, ...stateful, ...sideInputs };

/** A step that is applied to collections that were made before, by their numbers. */
interface Step {
  readonly inputs: readonly number[];
  readonly name: string;
  readonly apply: Apply;
}

/** A pipeline that was drawn: some steps behind some sources, as data, so that it can be built on other sources. */
export interface Tangle {
  /** Its steps, each with the numbers of what it reads: the sources come first. */
  readonly text: string;
  /** Builds it; answers the collections that no step reads, and whether each is the same in each run. */
  readonly build: (sources: readonly Pairs[], trouble: Trouble) => readonly { readonly pairs: Pairs; readonly isSteady: boolean }[];
}

/** A tangle of some steps behind so many sources. */
export function anyTangle(choices: Choices, sources: number): Tangle {
  const facts: Facts[] = [];
  const steps: Step[] = [];
  let windowings = 0;
  const addWindows = (input: number, isSource: boolean): void => {
    const shared = isSource && input > 0 && choices.chance(0.6) ? steps[0] : undefined;
    const { apply, facts: own } =
      shared === undefined ? anyWindowing(choices, windowings++) : { apply: shared.apply, facts: facts[sources]! };
    const later = !isSource && choices.chance(0.3) ? choices.between(2, 5) : undefined;
    const withTimes: Apply = (at, inputs, trouble) =>
      apply(at, later === undefined ? inputs : [inputs[0]!.apply(`${at}Later`, laterBy(later))], trouble);
    steps.push({ inputs: [input], name: "Windows", apply: withTimes });
    facts.push({ ...own, isSteady: facts[input]!.isSteady });
  };
  for (let i = 0; i < sources; i++) facts.push({ windows: -1, merges: false, isSteady: true, emitsOnce: true, isLenient: false });
  for (let i = 0; i < sources; i++) addWindows(i, true);
  for (let left = choices.between(2, 7); left > 0; left--) {
    const usable = facts.flatMap(({ isSteady }, i) => (isSteady && i >= sources ? [i] : []));
    const first = choices.pick(usable);
    if (choices.chance(0.15)) {
      addWindows(first, false);
      continue;
    }
    const [name, kind] = choices.pick(Object.entries(kinds));
    const second = choices.pick(usable);
    const isSuited =
      (kind.reads !== "same windows" || facts[first]!.windows === facts[second]!.windows) &&
      kind.suits?.(facts[first]!, facts[second]!) !== false;
    if (!isSuited) continue;
    steps.push({ inputs: kind.reads === undefined ? [first] : [first, second], name, apply: kind.make(choices) });
    facts.push(kind.after?.(facts[first]!) ?? facts[first]!);
  }
  // What comes too late shows in a grouping.
  for (const end of unread()) {
    if (!facts[end]!.isSteady || choices.chance(0.4)) continue;
    steps.push({ inputs: [end], name: "end", apply: kinds["groupByKey"]!.make(choices) });
    facts.push(grouped(facts[end]!));
  }
  return { text: steps.map(({ name, inputs }) => `${name}(${inputs.join()})`).join(" "), build };

  function build(given: readonly Pairs[], trouble: Trouble): ReturnType<Tangle["build"]> {
    const made = [...given];
    steps.forEach(({ inputs, name, apply }, i) => {
      made.push(
        apply(
          `${name}${i}`,
          inputs.map((input) => made[input]!),
          trouble,
        ),
      );
    });
    return unread().map((i) => ({ pairs: made[i]!, isSteady: facts[i]!.isSteady }));
  }

  function unread(): readonly number[] {
    const read = new Set(steps.flatMap(({ inputs }) => inputs));
    return facts.flatMap((_, i) => (read.has(i) ? [] : [i]));
  }
}

/** The same elements, up to so many ms later. */
const laterBy = (ms: number): PTransform<Pairs, Pairs> =>
  parDo({
    output: output<KV<string, number>>(),
    process: (pair: KV<string, number>, { timestamp, output: emit }) => emit(pair, { timestamp: timestamp + (pair[1] % ms) }),
  });
