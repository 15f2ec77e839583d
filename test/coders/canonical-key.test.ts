import fc from "fast-check";
import { expect, test } from "vitest";
import { canonicalKey } from "../../sdk/coders/canonical-key.ts";
import { PipelineError } from "../../sdk/errors.ts";
import { check } from "./check.ts";
import { equalKeys } from "./same.ts";
import { comparable } from "./values.ts";

/** So few that two of them are often equal or nearly so; among the strings are the signs of the encoding itself. */
const primitives = [0, -0, 1, NaN, 1n, "1", "", "s0:", "}", "]", ";", "a", "T", "D1;", "\ud83d", "null", "true", true, null, undefined];
const objects = [[], {}, [1], ["1"], [[], []], [[[]]], { a: 1 }, { a: undefined }, new Map(), new Set(), new Date(1), new Date(NaN), /a/g];
const views = [Uint8Array.of(0), Buffer.from([0]), Int8Array.of(0), Float64Array.of(-0), new DataView(new ArrayBuffer(1))];
const atoms: readonly unknown[] = [...primitives, ...objects, ...views, new ArrayBuffer(1)];

const nearlyEqual = fc.letrec<{ value: unknown }>((tie) => {
  const value = tie("value");
  const name = fc.constantFrom("a", "b", "1:a", "__proto__", "}", "");
  return {
    value: fc.oneof(
      { maxDepth: 2 },
      { arbitrary: fc.constantFrom(...atoms), weight: 3 },
      fc.array(value, { maxLength: 3 }),
      fc
        .uniqueArray(fc.tuple(name, value), { maxLength: 3, selector: ([each]) => each })
        .map((fields): unknown => Object.fromEntries(fields)),
      fc.array(fc.tuple(value, value), { maxLength: 3 }).map((entries) => new Map(entries)),
      fc.array(value, { maxLength: 3 }).map((members) => new Set(members)),
    ),
  };
}).value;

test("two keys have one text exactly if they are built alike", () => {
  for (const a of atoms) for (const b of atoms) expect([a, b, canonicalKey(a) === canonicalKey(b)]).toEqual([a, b, equalKeys(a, b)]);
  let equal = 0;
  check(
    fc.property(nearlyEqual, nearlyEqual, (a, b) => {
      if (equalKeys(a, b)) equal++;
      expect(canonicalKey(a) === canonicalKey(b)).toBe(equalKeys(a, b));
    }),
    5_000,
  );
  check(
    fc.property(comparable, comparable, (a, b) => {
      expect(canonicalKey(a) === canonicalKey(b)).toBe(equalKeys(a, b));
    }),
  );
  expect(equal).toBeGreaterThan(20);
});

test("two lists of keys, which differ in where one key ends, have different texts", () => {
  check(
    fc.property(fc.array(nearlyEqual, { maxLength: 4 }), fc.array(nearlyEqual, { maxLength: 4 }), (a, b) => {
      const textOf = (keys: readonly unknown[]): string => keys.map(canonicalKey).join("");
      expect(textOf(a) === textOf(b)).toBe(equalKeys(a, b));
    }),
    2_000,
  );
});

test("the order of fields, entries and members does not matter, nor the sign of zero, nor whether a hole is one", () => {
  check(
    fc.property(comparable, (key) => {
      expect(canonicalKey(turned(key))).toBe(canonicalKey(key));
    }),
    500,
  );
  // oxlint-disable-next-line no-sparse-arrays
  expect(canonicalKey([, 1])).toBe(canonicalKey([undefined, 1]));
});

// Checkpoints depend on these texts.
test.each([
  [{ b: -0, a: "é" }, "{1:as1:é1:b#0;}"],
  [[1.5, NaN, -1e21, 2n, true, null, undefined], "[#1.5;#NaN;#-1e+21;i2;tnu]"],
  [
    new Map<unknown, unknown>([
      ["b", 1],
      ["a", new Set([2, 1])],
    ]),
    "Ms1:aS#1;#2;)s1:b#1;)",
  ],
  [{ at: new Date(86_400_000), bytes: Uint8Array.of(0, 255) }, "{2:atD86400000;5:bytesB2:\u0000ÿ}"],
  [
    Object.fromEntries(Array.from({ length: 13 }, (_, i) => [`f${12 - i}`, i])),
    "{2:f0#12;2:f1#11;3:f10#2;3:f11#1;3:f12#0;2:f2#10;2:f3#9;2:f4#8;2:f5#7;2:f6#6;2:f7#5;2:f8#4;2:f9#3;}",
  ],
])("%o is %s", (key, text) => {
  expect(canonicalKey(key)).toBe(text);
});

class Point {
  readonly x = 1;
}

test.each([
  [new Point(), "it is an instance of Point"],
  [{ at: [new Point()] }, "its part .at[0] is an instance of Point"],
  [[() => 1], "its part [0] is a function"],
  [new Map([["k", Symbol("s")]]), `its part .get("k") is a symbol`],
  [new Error("e"), "it is an instance of Error"],
  [cycle(), "it contains itself at .self"],
  [Array.from({ length: 600 }).reduce((inside) => [inside], 1), "it is nested deeper than 500 levels"],
])("a key that has no text is refused: %#", (key, why) => {
  expect(() => canonicalKey(key)).toThrow(PipelineError);
  expect(() => canonicalKey(key)).toThrow(`because ${why}`);
  expect(() => canonicalKey(key)).toThrow(/^NOT_ENCODABLE: .*\n.*\n.*a deterministic coder/);
});

function cycle(): unknown {
  const value: Record<string, unknown> = {};
  value["self"] = value;
  return value;
}

/** The same key, built the other way round. */
function turned(key: unknown): unknown {
  if (key === 0) return -key;
  if (Array.isArray(key)) return Array.from(key, turned);
  if (key instanceof Map) return new Map([...key].reverse().map(([each, value]) => [turned(each), turned(value)]));
  if (key instanceof Set) return new Set([...key].reverse().map(turned));
  if (Buffer.isBuffer(key)) return new Uint8Array(key);
  const prototype: unknown = typeof key === "object" && key !== null ? Object.getPrototypeOf(key) : undefined;
  if (prototype !== Object.prototype && prototype !== null) return key;
  return Object.fromEntries(
    Object.entries(key as object)
      .reverse()
      .map(([name, value]) => [name, turned(value)]),
  );
}
