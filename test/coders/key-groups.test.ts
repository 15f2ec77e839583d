import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { canonicalKey } from "../../sdk/coders/canonical-key.ts";
import { KEY_GROUPS, keyGroupOf, keyGroupOfText, partitionOf } from "../../runners/core/key-groups.ts";
import { check } from "./check.ts";
import { equalKeys } from "./same.ts";
import { comparable } from "./values.ts";

test("every key has one of 128 groups, the same for equal keys", () => {
  check(
    fc.property(fc.clone(comparable, 2), ([one, other]) => {
      expect(equalKeys(one, other)).toBe(true);
      expect(keyGroupOf(one)).toBe(keyGroupOf(other));
      expect(Math.floor(keyGroupOf(one))).toBe(keyGroupOf(one));
      expect(keyGroupOf(one)).toBeGreaterThanOrEqual(0);
      expect(keyGroupOf(one)).toBeLessThan(KEY_GROUPS);
    }),
    500,
  );
  expect(keyGroupOf(-0)).toBe(keyGroupOf(0));
  expect(keyGroupOf({ a: 1, b: -0 })).toBe(keyGroupOf({ b: 0, a: 1 }));
  expect(keyGroupOf([1])).toBe(keyGroupOfText(canonicalKey([1])));
  const otherNaN = new Float64Array(Uint32Array.of(1, 0xfff80000).buffer)[0];
  expect(keyGroupOf(otherNaN)).toBe(keyGroupOf(NaN));
});

// Checkpoints are stored by these groups: a value that changes here makes old ones unreadable.
test.each<readonly [key: unknown, group: number]>([
  [0, 0],
  [1, 40],
  [-1, 64],
  [2 ** 31, 80],
  [2 ** 40, 103],
  [0.5, 73],
  [NaN, 3],
  [Infinity, 55],
  [-1e300, 96],
  ["", 85],
  ["1", 42],
  ["a", 13],
  ["user-42", 62],
  ["é€\ud83d", 104],
  [0n, 28],
  [1n, 19],
  [-(2n ** 70n), 64],
  [true, 53],
  [false, 103],
  [null, 112],
  [undefined, 51],
  [[], 94],
  [{}, 59],
  [{ b: 1, a: [new Date(0)] }, 8],
  [new Map([[1, 2]]), 75],
])("the group of %o stays %i", (key, group) => {
  expect(keyGroupOf(key)).toBe(group);
});

describe("keys of a kind are spread evenly", () => {
  const many = 128 * 100;
  const kinds: Readonly<Record<string, (i: number) => unknown>> = {
    "integers": (i) => i,
    "negative integers": (i) => -i,
    "multiples of 1,024": (i) => i * 1024,
    "multiples of 65,536": (i) => i * 65_536,
    "times, a second apart": (i) => 1.7e12 + 1000 * i,
    "integers above 2^40": (i) => 2 ** 40 + i,
    "tenths": (i) => i / 10 + 0.05,
    "halves": (i) => i + 0.5,
    "square roots": (i) => Math.sqrt(i + 2),
    "numbered strings": (i) => `user-${i}`,
    "strings that differ at their beginning": (i) => `${i}-of-the-same-kind`,
    "padded numbers": (i) => String(i).padStart(8, "0"),
    "strings of three letters": (i) => String.fromCharCode(97 + (i % 26), 97 + (Math.floor(i / 26) % 26), 97 + Math.floor(i / 676)),
    "strings that differ in the high byte of a unit": (i) => String.fromCharCode(0x100 * (i % 216), 0x100 * Math.floor(i / 216)),
    "bigints": (i) => BigInt(i) << 64n,
    "objects": (i) => ({ user: `u${i}`, page: i % 7 }),
    "pairs": (i) => [i % 113, Math.floor(i / 113)],
  };

  test.each(Object.entries(kinds))("%s", (_, keyAt) => {
    const counts = Array.from({ length: KEY_GROUPS }, () => 0);
    for (let i = 0; i < many; i++) counts[keyGroupOf(keyAt(i))]!++;
    // Chi squared with 127 degrees of freedom: above 200 once in 30,000 random spreads.
    const expected = many / KEY_GROUPS;
    expect(counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0)).toBeLessThan(200);
  });
});

test("partitions share the groups out in order, as evenly as can be", () => {
  for (let partitions = 1; partitions <= KEY_GROUPS; partitions++) {
    const owners = Array.from({ length: KEY_GROUPS }, (_, group) => partitionOf(group, partitions));
    expect(owners).toEqual(owners.toSorted((a, b) => a - b));
    const sizes = Array.from({ length: partitions }, (_, partition) => owners.filter((owner) => owner === partition).length);
    expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
  }
});
