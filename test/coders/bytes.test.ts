import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ByteReader } from "../../sdk/coders/byte-reader.ts";
import { bytesOf } from "../../sdk/coders/byte-writer.ts";
import { decodeAll, encodeAll } from "../../sdk/coders/frames.ts";
import {
  bigintCoder,
  booleanCoder,
  dateCoder,
  iterableCoder,
  kvCoder,
  literalCoder,
  nullableCoder,
  numberCoder,
  rowCoder,
  stringCoder,
  structuralCoder,
  unionCoder,
  type AnyCoder,
  type ByteWriter,
  type Coder,
} from "../../sdk/index.ts";
import { check } from "./check.ts";

const written = (write: (writer: ByteWriter) => void): readonly number[] => [...bytesOf((_, writer) => write(writer), undefined)];

// Stored state depends on these bytes.
test.each<readonly [coder: AnyCoder, value: unknown, hex: string]>([
  [numberCoder, 1, "000000000000f03f"],
  [numberCoder, -0, "0000000000000080"],
  [numberCoder, NaN, "000000000000f87f"],
  [dateCoder, new Date(1), "000000000000f03f"],
  [stringCoder, "aé", "61c3a9"],
  [stringCoder, "\ud83d", "ff3dd8"],
  [bigintCoder, -1n, "ffffffffffffffff"],
  [bigintCoder, -(2n ** 64n), "01010000000000000000"],
  [bigintCoder, 2n ** 63n, "008000000000000000"],
  [booleanCoder, true, "01"],
  [kvCoder(stringCoder, booleanCoder), ["ab", false], "02616200"],
  [iterableCoder(stringCoder), ["a", "", "b"], "0161000162"],
  [nullableCoder(stringCoder), null, "00"],
  [nullableCoder(stringCoder), undefined, "01"],
  [nullableCoder(stringCoder), "a", "0261"],
  [rowCoder({ a: stringCoder, b: nullableCoder(stringCoder) }), { b: null, a: "x" }, "0101780100"],
  [rowCoder({ a: stringCoder, b: nullableCoder(stringCoder) }), { a: "x" }, "0001000178"],
  [unionCoder((value) => (typeof value === "string" ? "text" : "flag"), { flag: booleanCoder, text: stringCoder }), "a", "0161"],
  [rowCoder({ kind: literalCoder("circle"), open: booleanCoder }), { kind: "circle", open: true }, "01000101"],
])("%o encodes %o as %s", (coder, value, hex) => {
  expect(Buffer.from(coder.encode(value)).toString("hex")).toBe(hex);
});

test("a NaN of any bit pattern is encoded as one", () => {
  const [odd] = new Float64Array(Uint32Array.of(1, 0xfff80000).buffer);
  expect(numberCoder.encode(odd!)).toEqual(numberCoder.encode(NaN));
  expect(encodeAll(numberCoder, [odd!])).toEqual(encodeAll(numberCoder, [NaN]));
});

test("few bytes keep little memory alive, whatever was written before them", () => {
  for (const length of [0, 5_000, 100_000, 900_000, 3_000_000]) {
    expect(stringCoder.encode("x".repeat(length))).toHaveLength(length);
    for (let n = 0; n < 3; n++) expect(stringCoder.encode("few").buffer.byteLength).toBeLessThanOrEqual(8 * 1_024);
  }
});

test("bytes that were given out stay what they are, whatever is written after them", () => {
  check(
    fc.property(fc.array(fc.nat(1_200), { minLength: 1, maxLength: 60 }), (lengths) => {
      const texts = lengths.map((length, i) => String.fromCharCode(97 + (i % 26)).repeat(length));
      const encoded = texts.map((text) => stringCoder.encode(text));
      expect(encoded.map((bytes) => new TextDecoder().decode(bytes))).toEqual(texts);
    }),
  );
});

describe("a writer", () => {
  test("writes varints that are read again, of bigints beyond the safe integers too", () => {
    check(
      fc.property(fc.array(fc.maxSafeNat()), (values) => {
        const reader = new ByteReader(bytesOf((all, writer) => all.forEach((value) => writer.varint(value)), values));
        expect(values.map(() => reader.varint())).toEqual(values);
        expect(reader.left).toBe(0);
      }),
    );
    expect(written((writer) => writer.varint(300))).toEqual([0xac, 0x02]);
    expect(written((writer) => writer.varint(300n))).toEqual([0xac, 0x02]);
    expect(written((writer) => writer.varint(2n ** 64n - 1n))).toEqual([...Array<number>(9).fill(0xff), 1]);
  });

  test.each([-1, 0.5, NaN, Infinity, 2 ** 53, -1n])("takes no varint of %s", (value) => {
    expect(() => written((writer) => writer.varint(value))).toThrow(/NOT_ENCODABLE: a varint is an integer from 0 up/);
  });

  test("puts the length before a part, however long it is", () => {
    for (const length of [0, 1, 127, 128, 16_383, 16_384, 3_000_000]) {
      const bytes = bytesOf((_, writer) => {
        writer.byte(7);
        writer.part(stringCoder, "x".repeat(length));
        writer.part(booleanCoder, true);
      }, undefined);
      const reader = new ByteReader(bytes);
      expect([reader.byte(), reader.part(stringCoder).length, reader.part(booleanCoder), reader.left]).toEqual([7, length, true, 0]);
    }
  });

  test("has room for the length of a part that ends where its memory does", () => {
    const zeros: Coder<number> = {
      encode: (length) => new Uint8Array(length),
      decode: (bytes) => ({ _tag: "Right", right: bytes.length }),
      encodeInto: (length, writer) => writer.bytes(new Uint8Array(length)),
      decodeFrom: (reader) => reader.rest().length,
    };
    for (let length = 0; length < 8_200; length++) {
      const reader = new ByteReader(bytesOf((_, writer) => writer.part(zeros, length), undefined));
      expect([reader.part(zeros), reader.left]).toEqual([length, 0]);
    }
  });

  test("is not disturbed by a coder that encodes while it is written, or that fails", () => {
    const nested: Coder<string> = {
      encode: stringCoder.encode,
      decode: stringCoder.decode,
      encodeInto(value, writer) {
        expect(stringCoder.encode("other")).toHaveLength(5);
        expect(() => numberCoder.encode("no number" as never)).toThrow(/NOT_ENCODABLE/);
        writer.text(value);
      },
    };
    expect(encodeAll(nested, ["ab", "c"])).toEqual(Uint8Array.of(2, 97, 98, 1, 99));
  });
});

test("a text of any length is read as it was written", () => {
  check(
    fc.property(fc.string({ unit: "binary", maxLength: 100 }), (text) => {
      expect(stringCoder.decode(stringCoder.encode(text))).toEqual({ _tag: "Right", right: text });
      expect(Buffer.from(text).equals(stringCoder.encode(text))).toBe(true);
    }),
    300,
  );
});

test("bytes that are no UTF-8 are an answer", () => {
  for (const bytes of [[0xc3], [0xed, 0xa0, 0x80], [0xff, 0x3d], [0x61, 0xff]]) {
    expect(stringCoder.decode(Uint8Array.from(bytes))).toMatchObject({ _tag: "Left", left: { code: "NOT_DECODABLE" } });
  }
});

test("texts that repeat are written once", () => {
  const texts = Array.from({ length: 1000 }, (_, i) => `a text that repeats ${i % 50}`);
  expect(encodeAll(stringCoder, texts).length).toBeLessThan(3_000);
});

test.each<readonly [what: string, coder: AnyCoder, bytes: readonly number[]]>([
  ["texts shorter than their lengths", stringCoder, [0, 1, 2, 0x61]],
  ["texts longer than their lengths", stringCoder, [0, 1, 1, 0x61, 0x61]],
  ["the number of a text that is not there", stringCoder, [1, 1, 5, 1, 1, 0x61]],
  ["numbers of 9 bytes", numberCoder, [0, 0, 0, 0, 0, 0, 0, 0, 0]],
  ["a boolean that is 2", booleanCoder, [2]],
  ["one key with two values", kvCoder(booleanCoder, booleanCoder), [1, 1, 1, 1]],
  ["a list of two that has one", iterableCoder(booleanCoder), [1, 2, 1]],
  ["lists of one that have two", iterableCoder(booleanCoder), [1, 1, 1, 1]],
  ["one value present that has two", nullableCoder(booleanCoder), [1, 2, 1, 1]],
  ["two values present that have one", nullableCoder(booleanCoder), [2, 2, 2, 1]],
  ["a state that there is not", nullableCoder(booleanCoder), [1, 3]],
  ["one row with two values of a field", rowCoder({ a: booleanCoder }), [1, 1, 0, 2, 1, 1]],
  ["one partial row with two flags", rowCoder({ a: booleanCoder }), [1, 0, 2, 1, 1, 1, 1]],
  ["a value that is no list of values", structuralCoder, [...structuralCoder.encode({ a: 1 })]],
  ["a kind that there is not", structuralCoder, [9, 0]],
  ["a length beyond all lengths", kvCoder(booleanCoder, booleanCoder), Array<number>(12).fill(0xff)],
])("%s cannot be decoded", (_, coder, bytes) => {
  expect(decodeAll(coder, Uint8Array.from(bytes))).toMatchObject({ _tag: "Left", left: { code: "NOT_DECODABLE" } });
});

test.each<readonly [what: string, coder: AnyCoder, bytes: readonly number[]]>([
  ["a number of 9 bytes", numberCoder, [0, 0, 0, 0, 0, 0, 0, 0, 0]],
  ["a number of 7 bytes", numberCoder, [0, 0, 0, 0, 0, 0, 0]],
  ["a missing value that is followed by one", nullableCoder(stringCoder), [0, 0x61]],
  ["a key that ends before its length", kvCoder(stringCoder, stringCoder), [5, 0x61]],
  ["a pair without its second half", kvCoder(stringCoder, numberCoder), [1, 0x61]],
  ["no bytes at all", structuralCoder, []],
  ["a part that ends before its value", rowCoder({ a: numberCoder, b: numberCoder }), [1, 4, 0, 0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0]],
  ["a part that its value does not fill", rowCoder({ a: booleanCoder }), [1, 2, 1, 1]],
  ["a number of a kind that there is not", unionCoder(() => "flag", { flag: booleanCoder }), [1, 1]],
  ["a literal with bytes", literalCoder("circle"), [1]],
])("%s cannot be decoded alone", (_, coder, bytes) => {
  expect(coder.decode(Uint8Array.from(bytes))).toMatchObject({ _tag: "Left", left: { code: "NOT_DECODABLE" } });
});
