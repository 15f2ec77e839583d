import {
  create,
  manualWatermark,
  output,
  resume,
  splittable,
  unboundedSource,
  type Chunk,
  type KV,
  type OffsetRange,
  type PCollection,
  type Pipeline,
  type Resume,
} from "millrace";
import type { Choices } from "./choices.ts";

/** An element with its event time. */
export interface Timed {
  readonly pair: KV<string, number>;
  readonly at: number;
  /** Whether its part had promised that nothing so early comes any more. */
  readonly isLate: boolean;
}

/** What a part of a source does at a position. */
type Line =
  | { readonly kind: "element"; readonly element: Timed }
  | { readonly kind: "watermark"; readonly to: number }
  /** It has nothing for now. Only some can be woken. */
  | { readonly kind: "rest"; readonly after: number; readonly mayWake: boolean };

/** A source without an end that comes to one: what each of its parts does, line by line. */
export type Script = readonly (readonly Line[])[];

/** The last time of an element, at most. */
const LAST = 60;

/** A script. Where elements come late, watermarks go on without waiting for them. */
export function anyScript(
  choices: Choices,
  { mayBeLate, numbers }: { readonly mayBeLate: boolean; readonly numbers: () => number },
): Script {
  return Array.from({ length: choices.pick([1, 1, 2, 3]) }, () => {
    const times = Array.from({ length: choices.below(12) }, () => choices.below(LAST));
    // Some come more or less in the order of their times.
    const unrest = choices.pick([0, 5, 100]);
    const places = new Map(times.map((at) => [at, at + choices.below(unrest + 1)]));
    const sorted = times.toSorted((a, b) => places.get(a)! - places.get(b)!);
    const lines: Line[] = [];
    let watermark = -10;
    sorted.forEach((at, i) => {
      const pair: KV<string, number> = [choices.pick(["a", "a", "b", "c"]), numbers()];
      lines.push({ kind: "element", element: { pair, at, isLate: at < watermark } });
      if (choices.chance(0.3)) lines.push({ kind: "rest", after: choices.pick([1, 10, 1_000]), mayWake: choices.chance(0.5) });
      if (!choices.chance(0.5)) return;
      const most = mayBeLate && choices.chance(0.5) ? LAST : Math.min(LAST, ...sorted.slice(i + 1));
      if (most <= watermark) return;
      watermark = choices.between(watermark + 1, most);
      lines.push({ kind: "watermark", to: watermark });
    });
    return lines;
  });
}

/** All elements of a script. */
export const elementsOf = (script: Script): readonly Timed[] =>
  script.flatMap((lines) => lines.flatMap((line) => (line.kind === "element" ? [line.element] : [])));

interface PartRange extends OffsetRange {
  readonly part: number;
}

/** How a script is read. */
export type Reading = "source" | "splittable" | "at once";

/** Those who wait for something outside, in the order in which they came. */
export class Outside {
  readonly #waiting = new Set<() => void>();

  get events(): readonly (() => void)[] {
    return [...this.#waiting];
  }

  readonly wake = (notify: () => void): (() => void) => {
    this.#waiting.add(notify);
    return () => void this.#waiting.delete(notify);
  };
}

/** The elements of a script. */
export function read(p: Pipeline, name: string, script: Script, reading: Reading, outside: Outside): PCollection<KV<string, number>> {
  switch (reading) {
    case "source":
      return p.apply(name, unboundedSource(sourceOf(script, outside)));
    case "splittable":
      return p.apply(`${name}Parts`, create(script.map((_, part) => part))).apply(name, splittable(doFnOf(script, outside)));
    case "at once":
      return p.apply(
        name,
        create(
          elementsOf(script).map(({ pair }) => pair),
          { timestampOf: timesOf(script) },
        ),
      );
  }
}

/** The numbers of elements are all different. */
function timesOf(script: Script): (pair: KV<string, number>) => number {
  const times = new Map(elementsOf(script).map(({ pair: [, value], at }) => [value, at]));
  return ([, value]) => times.get(value)!;
}

const restOf = ({ after, mayWake }: Extract<Line, { kind: "rest" }>, { wake }: Outside): Resume =>
  resume({ after, ...(mayWake && { wake }) });

const sourceOf = (script: Script, outside: Outside) => ({
  name: "Script",
  watermark: manualWatermark(),
  restriction: () => ({ from: 0, to: script.length, part: -1 }),
  split: () => script.map((lines, part): PartRange => ({ from: 0, to: lines.length, part })),
  async *read({ from, part }: PartRange, tracker: { readonly tryClaim: (position: number) => boolean }) {
    const lines = script[part]!;
    for (let i = from; tracker.tryClaim(i) && i < lines.length; i++) {
      const line = lines[i]!;
      if (line.kind === "rest") yield restOf(line, outside);
      else if (line.kind === "watermark") yield { values: [], watermark: line.to } satisfies Chunk<KV<string, number>>;
      else yield { values: [line.element.pair], timestamps: [line.element.at] } satisfies Chunk<KV<string, number>>;
    }
  },
});

const doFnOf = (script: Script, outside: Outside) => ({
  unbounded: true as const,
  watermark: manualWatermark(),
  output: output<KV<string, number>>(),
  restriction: (part: number): OffsetRange => ({ from: 0, to: script[part]!.length }),
  process(
    part: number,
    ctx: {
      readonly restriction: OffsetRange;
      readonly tracker: { readonly tryClaim: (position: number) => boolean };
      readonly output: (pair: KV<string, number>, options: { readonly timestamp: number }) => void;
      readonly watermark: (to: number) => void;
    },
  ): Resume | undefined {
    const lines = script[part]!;
    for (let i = ctx.restriction.from; i < lines.length && ctx.tracker.tryClaim(i); i++) {
      const line = lines[i]!;
      if (line.kind === "rest") return restOf(line, outside);
      if (line.kind === "watermark") ctx.watermark(line.to);
      else ctx.output(line.element.pair, { timestamp: line.element.at });
    }
    return undefined;
  },
});
