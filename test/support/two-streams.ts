import fc from "fast-check";
import { MIN_INSTANT, output, type KV } from "millrace";
import { at, testStreams, type TestStreams } from "millrace/testing";
import type { Arriving, StreamEvent } from "./grouping-oracle.ts";
import { anyKey, anyTime } from "./stream-scenarios.ts";

/** What happens in one of two streams: elements come, or its watermark goes on. */
export type Happening = { readonly tag: "left" | "right" } & ({ readonly elements: readonly Arriving[] } | { readonly to: number });

export const twoStreams: fc.Arbitrary<readonly Happening[]> = fc
  .array(
    fc.record({
      tag: fc.constantFrom("left", "right"),
      what: fc.oneof(fc.nat(15), fc.array(fc.record({ key: anyKey, at: anyTime }), { minLength: 1, maxLength: 3 })),
    }),
    { maxLength: 16, size: "max" },
  )
  .map((happenings) => {
    const watermarks = { left: -10, right: -10 };
    let value = 0;
    return happenings.map(({ tag, what }): Happening => {
      if (typeof what === "number") return { tag, to: (watermarks[tag] += what) };
      return { tag, elements: what.map((element) => ({ ...element, value: value++ })) };
    });
  });

/** What comes of two streams, as one: its watermark is that of the one that is further behind, and the left one ends first. */
export function asOneStream(happenings: readonly Happening[]): readonly StreamEvent[] {
  const watermarks = { left: MIN_INSTANT, right: MIN_INSTANT };
  const events = happenings.map((each): StreamEvent => {
    if ("elements" in each) return { kind: "elements", elements: each.elements };
    watermarks[each.tag] = each.to;
    return { kind: "watermark", to: Math.min(watermarks.left, watermarks.right) };
  });
  return [...events, { kind: "watermark", to: watermarks.right }];
}

/** Two streams in which this happens; the left one ends first. */
export function streamsOf(happenings: readonly Happening[]): TestStreams<Readonly<Record<"left" | "right", KV<string, number>>>> {
  let streams = testStreams({ left: output<KV<string, number>>(), right: output<KV<string, number>>() });
  for (const each of happenings) {
    if ("to" in each) streams = streams.advanceWatermarkTo(each.tag, each.to);
    else streams = streams.addElements(each.tag, ...each.elements.map(({ key, value, at: time }) => at(time, [key, value] as const)));
  }
  return streams;
}
