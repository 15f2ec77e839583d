import { canonicalKey } from "../../sdk/coders/canonical-key.ts";

/** The first difference between what came and what should have, in any order, in words; nothing where there is none. */
export function differenceOf(given: readonly unknown[], expected: readonly unknown[], what = "elements"): string | undefined {
  const [have, want] = [given, expected].map((values) => values.map(canonicalKey).toSorted()) as [string[], string[]];
  const at = Array.from({ length: Math.max(have.length, want.length) }, (_, i) => i).find((i) => have[i] !== want[i]);
  if (at === undefined) return undefined;
  return `${what}: ${have.length} came and ${want.length} should have; the first that differs is ${have[at]}, not ${want[at]}`;
}
