import fc from "fast-check";

/** Numbers with everything that a format may lose. */
export const numbers = fc.oneof(
  fc.double(),
  fc.integer(),
  fc.maxSafeInteger(),
  fc.constantFrom(
    0,
    -0,
    NaN,
    Infinity,
    -Infinity,
    2 ** 31,
    -(2 ** 31) - 1,
    2 ** 32,
    2 ** 40,
    Number.MAX_SAFE_INTEGER,
    Number.MIN_VALUE,
    5e-324,
  ),
);

/** Strings of any UTF-16 units, so with halves of surrogate pairs too. */
export const strings = fc.oneof(
  fc.string(),
  fc.string({ unit: "binary" }),
  fc.array(fc.nat(0xffff), { maxLength: 6 }).map((units) => String.fromCharCode(...units)),
  fc.constantFrom("", "\ud83d", "\ude00\ud83d", "a".repeat(40) + "\udfff", "\ufeffbom", "é".repeat(100), "\u0000"),
);

export const bigints = fc.oneof(
  fc.bigInt(),
  fc.bigInt({ min: -(2n ** 300n), max: 2n ** 300n }),
  fc.constantFrom(0n, -1n, 2n ** 63n - 1n, 2n ** 63n, -(2n ** 63n), -(2n ** 63n) - 1n, 2n ** 64n - 1n, 2n ** 64n, 255n ** 40n),
);

export const dates = fc.oneof(
  fc.date({ noInvalidDate: false }),
  fc.constantFrom(new Date(NaN), new Date(8.64e15), new Date(-8.64e15), new Date(-1)),
);

/** Names that objects of JavaScript, or msgpackr, have other plans for. */
const names = fc.oneof(
  fc.string(),
  strings.filter((text) => text.length < 100),
  fc.constantFrom("__proto__", "__keys__", "constructor", "toJSON", "hasOwnProperty", "length", "0", "then", "\ud83d"),
);

/** An object with own fields only, whatever they are called, with or without a prototype. */
const objectOf = <T>(parts: fc.Arbitrary<T>): fc.Arbitrary<object> =>
  fc.tuple(fc.uniqueArray(fc.tuple(names, parts), { maxLength: 4, selector: ([name]) => name }), fc.boolean()).map(([fields, isNaked]) => {
    const object = Object.fromEntries(fields) as object;
    return isNaked ? Object.assign(Object.setPrototypeOf({}, null) as object, object) : object;
  });

const typedArrays = fc.oneof(
  fc.uint8Array({ maxLength: 20 }),
  fc.uint8Array({ maxLength: 20 }).map((bytes) => Buffer.from(bytes)),
  fc.int8Array({ maxLength: 3 }),
  fc.uint8ClampedArray({ maxLength: 3 }),
  fc.int16Array({ maxLength: 3 }),
  fc.uint16Array({ maxLength: 3 }),
  fc.int32Array({ maxLength: 3 }),
  fc.uint32Array({ maxLength: 3 }),
  fc.float32Array({ maxLength: 3 }),
  fc.float64Array({ maxLength: 3 }),
  fc.bigInt64Array({ maxLength: 3 }),
  fc.bigUint64Array({ maxLength: 3 }),
  fc.uint8Array({ maxLength: 20 }).map((bytes) => bytes.slice().buffer),
  fc.uint8Array({ maxLength: 20 }).map((bytes) => new DataView(bytes.slice().buffer)),
);

const patterns = fc.constantFrom(/a/u, /[^\n]+/gi, /(?:)/);

const errors = fc.constantFrom(
  new Error("e"),
  new TypeError("t", { cause: -0 }),
  Object.assign(new RangeError("r"), { code: "ERR_X", at: [1, { deep: -0 }] }),
);

/** Everything that can be compared by its content. */
export const comparable = fc.letrec<{ value: unknown }>((tie) => {
  const value = tie("value");
  return {
    value: fc.oneof(
      { maxDepth: 3, withCrossShrink: true },
      fc.oneof(numbers, strings, bigints, fc.boolean(), fc.constantFrom(null, undefined), dates, typedArrays, patterns),
      fc.array(value, { maxLength: 4 }),
      objectOf(value),
      fc.array(fc.tuple(value, value), { maxLength: 3 }).map((entries) => new Map(entries)),
      fc.array(value, { maxLength: 3 }).map((members) => new Set(members)),
    ),
  };
}).value;

/** Everything that the structural coder takes, errors among it. */
export const plain = fc.oneof(
  comparable,
  fc.record({ ok: comparable, error: errors }),
  fc.array(fc.oneof(errors, comparable), { maxLength: 3 }),
);

const alike = fc.record({
  "id": numbers,
  "7": fc.boolean(),
  "name": fc.constantFrom("ann", "bob", "\ud83d"),
  "part": fc.record({ "at": dates, "size": bigints, "": fc.option(strings), "deep": fc.record({ a: fc.record({ b: numbers }) }) }),
  "more": plain,
});

/** Rows that resemble each other, as the elements of a collection do. */
export const batches = fc.oneof(
  fc.array(plain, { maxLength: 5 }),
  fc.array(numbers),
  fc.array(strings, { maxLength: 8 }),
  fc.array(fc.constantFrom("a", "bb", "a longer text that repeats", "\ud83d"), { maxLength: 200 }),
  // All alike, as what columns are made of; and with one among them that is not.
  fc.array(alike, { minLength: 6, maxLength: 20 }),
  fc.array(fc.oneof({ weight: 20, arbitrary: alike }, { weight: 1, arbitrary: fc.oneof(plain, fc.record({ id: numbers })) }), {
    minLength: 6,
    maxLength: 20,
  }),
  fc.array(fc.record({ id: numbers, name: strings, tags: fc.array(strings, { maxLength: 2 }), at: dates }, { requiredKeys: ["id"] })),
);
