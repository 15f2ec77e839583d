import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { numberCoder, stringCoder, structuralCoder, type Coder } from "millrace";
import { canonicalKey } from "../../sdk/coders/canonical-key.ts";
import { KeyDictionary } from "../../runners/core/key-dictionary.ts";
import { KEY_GROUPS, keyGroupOf, partitionOf } from "../../runners/core/key-groups.ts";
import { plainCoder, right } from "../../sdk/coders/coder.ts";

/** Keys that are pairwise different, each with other ways to build it. */
const keys: readonly (readonly [unknown, ...unknown[]])[] = [
  [1, 1.0],
  ["1"],
  [1n, BigInt("1")],
  [0, -0],
  [NaN, 0 / 0],
  [1e300, 1e300],
  [-1],
  [0.5],
  [""],
  ["__proto__"],
  ["constructor"],
  [true],
  ["true"],
  [false],
  [null],
  ["null"],
  [undefined],
  [[]],
  [{}, Object.create(null)],
  [[1], [1]],
  [["1"]],
  [
    { a: 1, b: 2 },
    { b: 2, a: 1 },
  ],
  [{ a: 1 }],
  [{ a: 1, b: undefined }],
  [JSON.parse('{"__proto__":1}'), JSON.parse('{"__proto__":1}')],
  [new Date(5), new Date(5)],
  [new Date(6)],
  [Uint8Array.of(1, 2), Uint8Array.of(1, 2), Buffer.from([1, 2])],
  [[1, 2]],
  [new Map([[1, 2]]), new Map([[1, 2]])],
  [new Set([1, 2]), new Set([2, 1])],
  ["#1;"],
];

describe("a KeyDictionary", () => {
  test("gives each different key a number of its own, from 0 on, and keys that are built alike the same", () => {
    const dictionary = new KeyDictionary();
    expect(keys.map(([key]) => dictionary.idOf(key))).toEqual(keys.map((_, i) => i));
    expect(keys.map((alike) => alike.map((key) => dictionary.idOf(key)))).toEqual(keys.map((alike, i) => alike.map(() => i)));
    expect(dictionary.size).toBe(keys.length);
  });

  test("answers the key of a number as it was first seen", () => {
    const dictionary = new KeyDictionary();
    const first = { a: 1, b: 2 };
    dictionary.idOf(first);
    dictionary.idOf({ b: 2, a: 1 });
    dictionary.idOf("x");
    expect(dictionary.keyOf(0)).toBe(first);
    expect(dictionary.all).toEqual([first, "x"]);
  });

  test("knows the key group of each key, which is that of all keys that are built alike", () => {
    const dictionary = new KeyDictionary();
    for (const alike of keys) {
      const groups = alike.map((key) => dictionary.groupOf(dictionary.idOf(key)));
      expect(groups).toEqual(alike.map(keyGroupOf));
      expect(new Set(groups).size).toBe(1);
    }
  });

  test("does not take a text for the form of an object", () => {
    const dictionary = new KeyDictionary();
    const form = canonicalKey({ a: 1 });
    expect(dictionary.idOf({ a: 1 })).not.toBe(dictionary.idOf(form));
  });

  const ignoringCase: Coder<string> = {
    name: "ignoringCase",
    deterministic: true,
    encode: (text) => new TextEncoder().encode(text.toLowerCase()),
    decode: (bytes) => right(new TextDecoder().decode(bytes)),
  };

  test("compares keys that have a coder of their own by its bytes", () => {
    const dictionary = new KeyDictionary(ignoringCase);
    expect(["Ab", "aB", "c", "AB"].map((key) => dictionary.idOf(key))).toEqual([0, 0, 1, 0]);
    expect(dictionary.all).toEqual(["Ab", "c"]);
    const other = new KeyDictionary(ignoringCase);
    expect(other.groupOf(other.idOf("aB")), "whichever of them came first").toBe(dictionary.groupOf(0));
  });

  test.each([structuralCoder, stringCoder, numberCoder])("needs no bytes of keys that are equal when they are built alike", (coder) => {
    const dictionary = new KeyDictionary(plainCoder([], { ...coder, encode: () => expect.fail("the key was encoded") }));
    expect([dictionary.idOf("a"), dictionary.idOf(2), dictionary.idOf("a")]).toEqual([0, 1, 0]);
  });

  test("refuses keys that nothing is equal to", () => {
    class Point {
      x = 1;
    }
    expect(() => new KeyDictionary().idOf(new Point())).toThrow(expect.objectContaining({ code: "NOT_ENCODABLE" }));
  });

  test("does not change with what a caller does to the list of its keys later on", () => {
    const dictionary = new KeyDictionary();
    for (let i = 0; i < 1_000; i++) expect(dictionary.idOf(`k${i}`)).toBe(i);
    for (let i = 0; i < 1_000; i++) expect(dictionary.idOf(`k${i}`)).toBe(i);
    expect(dictionary.size).toBe(1_000);
  });
});

describe("a sweep", () => {
  const MANY = 1_025;
  const kinds: readonly (readonly [string, (i: number) => unknown, Coder<string> | undefined])[] = [
    ["texts", (i) => `k${i}`, undefined],
    ["numbers", (i) => i - 500, undefined],
    ["records", (i) => ({ user: i, day: "monday" }), undefined],
    ["keys by their bytes", (i) => `k${i}`, { ...stringCoder, name: "byBytes" } as Coder<string>],
  ];
  const filled = (keyAt: (i: number) => unknown, coder?: Coder<string>): KeyDictionary => {
    const dictionary = new KeyDictionary(coder);
    for (let i = 0; i < MANY; i++) dictionary.idOf(keyAt(i));
    return dictionary;
  };
  /** Forgets all but these. */
  const keep = (dictionary: KeyDictionary, ...live: readonly number[]): void => dictionary.sweep(() => live);

  test.each(kinds)("of %s forgets those that nobody needs, and gives their numbers anew", (_, keyAt, coder) => {
    const dictionary = filled(keyAt, coder);
    keep(dictionary, 0, 7, 1_024);
    expect([0, 7, 1_024].map((id) => dictionary.keyOf(id))).toEqual([0, 7, 1_024].map(keyAt));
    expect(dictionary.keyOf(8)).toBeUndefined();
    expect([0, 7, 1_024].map((i) => dictionary.idOf(keyAt(i)))).toEqual([0, 7, 1_024]);

    const fresh = Array.from({ length: MANY - 3 }, (_each, i) => dictionary.idOf(keyAt(5_000 + i)));
    expect(dictionary.size, "no number is new").toBe(MANY);
    expect(new Set([...fresh, 0, 7, 1_024]).size, "none is given twice").toBe(MANY);
    expect(fresh.map((id) => dictionary.keyOf(id))).toEqual(fresh.map((_each, i) => keyAt(5_000 + i)));
    expect(dictionary.idOf(keyAt(8)), "which was forgotten").toBe(MANY);
  });

  test("of few keys forgets none, and asks nobody", () => {
    const dictionary = new KeyDictionary();
    for (let i = 0; i < MANY - 1; i++) dictionary.idOf(i);
    dictionary.sweep(() => expect.fail("somebody was asked"));
    expect(dictionary.idOf(500)).toBe(500);
  });

  test("forgets none while numbers are on their way, or in somebody's hands", () => {
    const dictionary = filled((i) => i);
    let isInHand = true;
    dictionary.addHolder(() => false);
    dictionary.addHolder(() => isInHand);
    keep(dictionary);
    isInHand = false;
    dictionary.inTransit = 1;
    keep(dictionary);
    expect(dictionary.keyOf(500)).toBe(500);
    dictionary.inTransit = 0;
    keep(dictionary);
    expect(dictionary.keyOf(500)).toBeUndefined();
  });

  test("comes only when there are twice as many as were needed at the last one", () => {
    const dictionary = filled((i) => i);
    const live = Array.from({ length: 1_000 }, (_, i) => i);
    keep(dictionary, ...live);
    for (let i = 0; i < 1_000; i++) dictionary.idOf(`more ${i}`);
    dictionary.sweep(() => expect.fail("it is too early"));
    dictionary.idOf("one more");
    keep(dictionary, ...live);
    expect(dictionary.idOf("anew")).toBeLessThan(2_001);
  });

  test("never mixes up keys, whatever comes and goes", () => {
    fc.assert(
      fc.property(fc.array(fc.record({ from: fc.nat(4_000), count: fc.nat(1_500), kept: fc.integer({ min: 2, max: 400 }) })), (rounds) => {
        const dictionary = new KeyDictionary();
        let live = new Map<number, number>();
        for (const { from, count, kept } of rounds) {
          for (let key = from; key < from + count; key++) {
            const id = dictionary.idOf(key);
            expect(live.get(id) ?? key).toBe(key);
            live.set(id, key);
          }
          for (const [id, key] of live) expect(dictionary.keyOf(id)).toBe(key);
          live = new Map([...live].filter(([, key]) => key % kept === 0));
          dictionary.sweep(() => live.keys());
        }
        for (const [id, key] of live) expect(dictionary.idOf(key)).toBe(id);
      }),
      { numRuns: 20 },
    );
  });
});

describe("key groups", () => {
  // A checkpoint is stored by groups, so these numbers may change with the format of checkpoints only.
  test.each([
    ["", 85],
    ["a", 13],
    ["word", 117],
    ["__proto__", 94],
    [0, 0],
    [1, 40],
    [-1, 64],
    [0.5, 73],
    [NaN, 3],
    [2 ** 40, 103],
    [1n, 19],
    [true, 53],
    [false, 103],
    [null, 112],
    [undefined, 51],
    [[1, "a"], 74],
    [{ b: 2, a: 1 }, 61],
    [new Date(5), 17],
  ])("put %o into group %i for good", (key, group) => {
    expect(keyGroupOf(key)).toBe(group);
  });

  test("are equal for equal keys, and lie from 0 to 127", () => {
    for (const alike of keys) {
      const groups = new Set(alike.map(keyGroupOf));
      expect(groups.size).toBe(1);
      for (const group of groups) expect(group).toSatisfy((it: number) => Number.isInteger(it) && it >= 0 && it < KEY_GROUPS);
    }
  });

  test.each([
    ["small numbers", (i: number) => i],
    ["multiples of 128", (i: number) => i * 128],
    ["fractions", (i: number) => i / 7],
    ["words", (i: number) => `word${i}`],
    ["bigints", (i: number) => BigInt(i) << 64n],
    ["records", (i: number) => ({ user: i, day: "monday" })],
  ])("take about equal shares of %s", (_, keyAt) => {
    const shares = new Array<number>(KEY_GROUPS).fill(0);
    for (let i = 0; i < 128 * 100; i++) shares[keyGroupOf(keyAt(i))]!++;
    expect(Math.min(...shares)).toBeGreaterThan(50);
    expect(Math.max(...shares)).toBeLessThan(170);
  });

  test("are spread over partitions in runs of neighbours that differ in length by one at most", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: KEY_GROUPS }), (partitions) => {
        const owners = Array.from({ length: KEY_GROUPS }, (_, group) => partitionOf(group, partitions));
        expect(owners).toEqual(owners.toSorted((a, b) => a - b));
        const lengths = Array.from({ length: partitions }, (_, partition) => owners.filter((owner) => owner === partition).length);
        expect(lengths.reduce((a, b) => a + b)).toBe(KEY_GROUPS);
        expect(Math.max(...lengths) - Math.min(...lengths)).toBeLessThanOrEqual(1);
      }),
    );
  });
});
