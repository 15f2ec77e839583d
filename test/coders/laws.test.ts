import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  bigintCoder,
  booleanCoder,
  bytesCoder,
  dateCoder,
  intervalWindow,
  intervalWindowCoder,
  iterableCoder,
  kvCoder,
  literalCoder,
  nullableCoder,
  numberCoder,
  rowCoder,
  stringCoder,
  structuralCoder,
  unionCoder,
  type Coder,
} from "../../sdk/index.ts";
import { bytesOf } from "../../sdk/coders/byte-writer.ts";
import { decoded, hasPlainValues, type AnyCoder } from "../../sdk/coders/coder.ts";
import { taggedCoder, taggedWith } from "../../sdk/transforms/tagged.ts";
import { allDecoded, decodeAll, encodeAll } from "../../sdk/coders/frames.ts";
import { check } from "./check.ts";
import { identical } from "./same.ts";
import { bigints, dates, numbers, plain, strings } from "./values.ts";

/** A coder as users write them: with nothing but what a coder must have. */
const plainest: Coder<string> = { encode: stringCoder.encode, decode: stringCoder.decode };

const optional = <T>(values: fc.Arbitrary<T>): fc.Arbitrary<T | null | undefined> => fc.oneof(values, fc.constantFrom(null, undefined));

const flightCoder = rowCoder({
  from: stringCoder,
  delay: nullableCoder(numberCoder),
  legs: iterableCoder(kvCoder(stringCoder, bigintCoder)),
  ["__proto__"]: nullableCoder(booleanCoder),
});
const flights = fc
  .record(
    {
      from: strings,
      delay: optional(numbers),
      legs: fc.array(fc.tuple(strings, bigints), { maxLength: 3 }),
      proto: optional(fc.boolean()),
    },
    { requiredKeys: ["from", "legs"] },
  )
  .map(({ proto, ...row }) =>
    proto === undefined
      ? row
      : Object.defineProperty(row, "__proto__", { value: proto, enumerable: true, configurable: true, writable: true }),
  );

const shapes = unionCoder(({ kind }) => kind, {
  circle: rowCoder({ kind: literalCoder("circle"), radius: numberCoder }),
  label: rowCoder({ kind: literalCoder("label"), text: plainest }),
});

const coders: Readonly<Record<string, readonly [coder: AnyCoder, values: fc.Arbitrary<unknown>]>> = {
  "number": [numberCoder, numbers],
  "string": [stringCoder, strings],
  "bigint": [bigintCoder, bigints],
  "boolean": [booleanCoder, fc.boolean()],
  "bytes": [bytesCoder, fc.uint8Array()],
  "date": [dateCoder, dates],
  "structural": [structuralCoder, plain],
  "kv of string and number": [kvCoder(stringCoder, numberCoder), fc.tuple(strings, numbers)],
  "kv of structural and plainest": [kvCoder(structuralCoder, plainest), fc.tuple(plain, strings)],
  "kv of plainest and kv": [kvCoder(plainest, kvCoder(bytesCoder, plainest)), fc.tuple(strings, fc.tuple(fc.uint8Array(), strings))],
  "iterable of number": [iterableCoder(numberCoder), fc.array(numbers)],
  "iterable of iterable of plainest": [
    iterableCoder(iterableCoder(plainest)),
    fc.array(fc.array(strings, { maxLength: 3 }), { maxLength: 4 }),
  ],
  "iterable of empty rows": [iterableCoder(rowCoder({})), fc.array(fc.constant({}))],
  "nullable string": [nullableCoder(stringCoder), optional(strings)],
  "nullable plainest": [nullableCoder(plainest), optional(strings)],
  "row": [flightCoder, flights],
  "literal": [literalCoder("circle"), fc.constant("circle")],
  "union": [
    shapes,
    fc.oneof(
      fc.record({ kind: fc.constant("circle" as const), radius: numbers }),
      fc.record({ kind: fc.constant("label" as const), text: strings }),
    ),
  ],
  "list of union": [iterableCoder(shapes), fc.array(fc.record({ kind: fc.constant("label" as const), text: strings }), { maxLength: 3 })],
  "row without fields": [rowCoder({}), fc.constant({})],
};

describe.each(Object.entries(coders))("%s", (_, [coder, values]) => {
  const back = (value: unknown): unknown => decoded(coder, coder.encode(value));
  const batches = fc.oneof(fc.array(values, { maxLength: 5 }), fc.array(values, { minLength: 40, maxLength: 60 }));

  test("what is decoded is what was encoded", () => {
    check(
      fc.property(values, (value) => {
        expect(identical(back(value), value)).toBe(true);
      }),
    );
  });

  test("many values are decoded as one by one", () => {
    check(
      fc.property(batches, (batch) => {
        expect(identical(allDecoded(coder, encodeAll(coder, batch)), batch.map(back))).toBe(true);
      }),
    );
  });

  test("equal values have equal bytes, alone, among others and together", () => {
    check(
      fc.property(fc.clone(values, 2), fc.uint8Array({ maxLength: 5 }), ([one, other], before) => {
        expect(sameBytes(coder.encode(other), coder.encode(one))).toBe(true);
        expect(sameBytes(encodeAll(coder, [other, other]), encodeAll(coder, [one, one]))).toBe(true);
        const among = bytesOf((value, writer) => {
          writer.bytes(before);
          (coder.encodeInto ?? ((each, into) => into.bytes(coder.encode(each))))(value, writer);
        }, one);
        expect(sameBytes(among, together(before, coder.encode(one)))).toBe(true);
      }),
    );
  });

  test("bytes share no memory with what is encoded or decoded", () => {
    check(
      fc.property(values, (value) => {
        const bytes = coder.encode(value);
        const copy = bytes.slice();
        const first = decoded(coder, bytes);
        bytes.fill(0xaa);
        expect(identical(first, value)).toBe(true);
        expect(sameBytes(coder.encode(value), copy)).toBe(true);
      }),
    );
  });

  test("bytes that begin anywhere in their memory are read alike, and are left as they are", () => {
    check(
      fc.property(values, fc.integer({ min: 1, max: 9 }), (value, offset) => {
        const bytes = coder.encode(value);
        const memory = new Uint8Array(offset + bytes.length + 3).fill(0xff);
        memory.set(bytes, offset);
        const moved = memory.subarray(offset, offset + bytes.length);
        expect(identical(decoded(coder, moved), value)).toBe(true);
        expect(sameBytes(moved, bytes)).toBe(true);
        expect(Object.keys(moved)).toHaveLength(moved.length);
      }),
    );
  });

  test("corrupt bytes are an answer, never an exception", () => {
    check(
      fc.property(corruption(batches.map((batch) => encodeAll(coder, batch))), (bytes) => {
        expect(decodeAll(coder, bytes)._tag).toMatch(/Left|Right/);
      }),
    );
    check(
      fc.property(corruption(values.map((value) => coder.encode(value))), (bytes) => {
        expect(coder.decode(bytes)._tag).toMatch(/Left|Right/);
      }),
    );
  });

  test("values of another type are refused, as they are in a batch", () => {
    check(
      fc.property(
        fc.constantFrom(Symbol("s"), () => 0, new WeakMap(), Promise.resolve()),
        (value) => {
          expect(() => coder.encode(value)).toThrow(/NOT_ENCODABLE/);
          expect(() => encodeAll(coder, [value])).toThrow(/NOT_ENCODABLE/);
        },
      ),
    );
  });
});

const sameBytes = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0;

const together = (...parts: readonly Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat(parts));

/** Bytes that are cut short, changed at some places, go on too long, or are any bytes at all. */
function corruption(good: fc.Arbitrary<Uint8Array>): fc.Arbitrary<Uint8Array> {
  const changes = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 4 });
  return fc.oneof(
    fc.uint8Array(),
    fc.tuple(good, fc.nat()).map(([bytes, at]) => bytes.subarray(0, at % (bytes.length + 1))),
    fc.tuple(good, fc.uint8Array({ minLength: 1, maxLength: 3 })).map(([bytes, more]) => together(bytes, more)),
    fc.tuple(good, changes).map(([bytes, all]) => {
      const changed = bytes.slice();
      for (const [at, byte] of all) if (changed.length > 0) changed[at % Math.min(changed.length, 200)] = byte;
      return changed;
    }),
  );
}

test("coders of this library have plain values as long as their parts have", () => {
  const plainCoders = Object.values(coders)
    .map(([coder]) => coder)
    .filter(hasPlainValues);
  expect(plainCoders).toContain(structuralCoder);
  expect(plainCoders).toContain(flightCoder);
  for (const coder of plainCoders) expect(hasPlainValues(kvCoder(coder, nullableCoder(iterableCoder(rowCoder({ coder })))))).toBe(true);
  for (const coder of [
    plainest,
    kvCoder(plainest, numberCoder),
    iterableCoder(plainest),
    nullableCoder(plainest),
    rowCoder({ plainest }),
  ]) {
    expect(hasPlainValues(coder)).toBe(false);
  }
});

/** What the library alone encodes: nobody gives it values of another type. */
const inner: Readonly<Record<string, readonly [AnyCoder, fc.Arbitrary<unknown>]>> = {
  "values of several inputs": [
    taggedCoder([structuralCoder, plainest, numberCoder]),
    fc.oneof(...[plain, strings, numbers].map((values, input) => values.map((value: unknown) => taggedWith(input, 3, value)))),
  ],
  "interval windows": [
    intervalWindowCoder,
    fc.tuple(fc.integer(), fc.integer({ min: 1 })).map(([start, length]) => intervalWindow(start, start + length)),
  ],
};

test.each(Object.entries(inner))("%s are decoded together as one by one", (_, [coder, values]) => {
  check(
    fc.property(fc.array(values, { maxLength: 60 }), (batch) => {
      const alone = batch.map((value): unknown => decoded(coder, coder.encode(value)));
      expect(identical(alone, batch)).toBe(true);
      expect(identical(allDecoded(coder, encodeAll(coder, batch)), batch)).toBe(true);
    }),
  );
});
