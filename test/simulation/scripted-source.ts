import {
  manualWatermark,
  MAX_INSTANT,
  resume,
  unboundedSource,
  type Chunk,
  type KV,
  type OffsetRange,
  type PCollection,
  type Pipeline,
  type PTransform,
  type Resume,
} from "millrace";
import type { Arriving } from "../support/grouping-oracle.ts";
import type { Seeded } from "./seeded.ts";

/** What a part of a source does next: it gives out elements, and says how far it is, or it has nothing for a while. */
export type Act =
  | { readonly elements: readonly Arriving[]; readonly watermark?: number }
  /** For so many ms; `wakesAfter` so many it says that there is something after all. */
  | { readonly rest: number; readonly wakesAfter?: number };

/** What each part of a source does. */
export type Script = readonly (readonly Act[])[];

const KEYS = ["a", "b", "c", "d"];

/** A script in which, if it is honest, no element is earlier than a watermark that came before it. */
export function anyScript(seeded: Seeded, isHonest: boolean): Script {
  let value = 0;
  return Array.from({ length: seeded.between(1, 3) }, () => {
    let watermark = -10;
    return Array.from({ length: seeded.between(0, 8) }, (): Act => {
      if (seeded.chance(0.3)) {
        const rest = seeded.between(1, 40);
        return { rest, ...(seeded.chance(0.4) ? { wakesAfter: seeded.between(0, rest) } : {}) };
      }
      const least = isHonest ? watermark : watermark - 12;
      const elements = Array.from({ length: seeded.between(0, 5) }, (): Arriving => ({
        key: seeded.pick(KEYS),
        value: value++,
        at: seeded.between(least, watermark + 20),
      }));
      if (seeded.chance(0.4)) return { elements };
      watermark += seeded.between(0, 15);
      return { elements, watermark };
    });
  });
}

/** All elements of a script. */
export const elementsIn = (script: Script): readonly Arriving[] => script.flat().flatMap((act) => ("elements" in act ? act.elements : []));

interface ScriptRange extends OffsetRange {
  readonly part: number;
}

/** A source without an end that comes to one when its script is over. Its positions are the acts of a part. */
export const scripted = (
  script: Script,
  after: (ms: number, callback: () => void) => () => void,
): PTransform<Pipeline, PCollection<KV<string, number>>> =>
  unboundedSource<KV<string, number>, ScriptRange>({
    name: "Script",
    watermark: manualWatermark(),
    restriction: () => ({ from: 0, to: script.length, part: -1 }),
    split: () => script.map((acts, part) => ({ from: 0, to: acts.length, part })).filter(({ to }) => to > 0),
    read: (range, tracker) => acted(script[range.part]!, range, tracker.tryClaim, after),
  });

async function* acted(
  acts: readonly Act[],
  { from }: ScriptRange,
  tryClaim: (position: number) => boolean,
  after: (ms: number, callback: () => void) => () => void,
): AsyncIterable<Chunk<KV<string, number>> | Resume> {
  for (let i = from; i < acts.length; i++) {
    const act = acts[i]!;
    if (!tryClaim(i)) return;
    if ("rest" in act) {
      const { rest, wakesAfter } = act;
      yield wakesAfter === undefined ? resume({ after: rest }) : resume({ after: rest, wake: (notify) => after(wakesAfter, notify) });
    } else {
      yield {
        values: act.elements.map(({ key, value }) => [key, value]),
        timestamps: act.elements.map(({ at }) => at),
        ...(act.watermark === undefined ? {} : { watermark: Math.min(act.watermark, MAX_INSTANT) }),
      };
    }
  }
}
