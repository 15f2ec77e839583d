import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decoded } from "../../sdk/coders/coder.ts";
import { allDecoded, encodeAll } from "../../sdk/coders/frames.ts";
import { mustBePlain, structuralCoder } from "../../sdk/coders/structural.ts";
import { PipelineError } from "../../sdk/errors.ts";
import { check } from "./check.ts";
import { identical } from "./same.ts";
import { batches, plain } from "./values.ts";

const back = <T>(value: T): T => decoded(structuralCoder, structuralCoder.encode(value)) as T;

test("any plain value comes back as it was, alone and in a batch of whatever resembles it", () => {
  check(
    fc.property(plain, (value) => {
      expect(identical(back(value), value)).toBe(true);
    }),
    500,
  );
  check(
    fc.property(batches, (values: readonly unknown[]) => {
      expect(identical(allDecoded(structuralCoder, encodeAll(structuralCoder, values)), values)).toBe(true);
    }),
    500,
  );
});

describe("what msgpackr alone would change", () => {
  test.each([
    ["-0", -0],
    ["-0 deep inside", [{ a: new Map([["k", new Set([[-0]])]]) }]],
    ["half a surrogate pair", "cut \ud83d"],
    ["half a surrogate pair in a name", { "\udc00": 1 }],
    ["a field __proto__", JSON.parse('{"__proto__":{"a":1},"b":-0}')],
    ["a field __keys__ after a record that it begins like", [{ a: {} }, { a: { __keys__: { b: 1 } } }]],
    ["fields that msgpackr looks for", { constructor: "c", toJSON: 1, hasOwnProperty: 2 }],
    ["an ArrayBuffer, even one that looks like a stand-in", [-0, Uint8Array.of(1).buffer, Uint8Array.of(9, 9).buffer]],
    ["an error with its stack, cause and fields", Object.assign(new TypeError("t", { cause: { a: -0 } }), { code: "ERR_X" })],
    ["several errors as one", new AggregateError([new Error("a"), -0], "both")],
  ])("%s comes back", (_, value) => {
    expect(identical(back(value), value)).toBe(true);
    expect(identical(allDecoded(structuralCoder, encodeAll(structuralCoder, [value, value, 1])), [value, value, 1])).toBe(true);
  });
});

test("a Uint8Array comes back as one, a Buffer as a Buffer, both with memory of their own", () => {
  const [bytes, buffer] = back([Uint8Array.of(1, 2), Buffer.from([3])]) as [Uint8Array, Buffer];
  expect(Object.getPrototypeOf(bytes)).toBe(Uint8Array.prototype);
  expect(Buffer.isBuffer(buffer)).toBe(true);
  expect([bytes.buffer.byteLength, buffer.buffer.byteLength]).toEqual([2, 1]);
});

test("a hole of an array comes back as undefined, an object without prototype as a literal", () => {
  // oxlint-disable-next-line no-sparse-arrays
  expect(back([, 1])).toStrictEqual([undefined, 1]);
  expect(back(Object.assign(Object.create(null) as object, { a: 1 }))).toStrictEqual({ a: 1 });
});

test("an error of a class of its own comes back as one of the language's, under its name", () => {
  class HttpError extends RangeError {
    override readonly name = "HttpError";
    readonly status = 404;
  }
  const error = back<Error>(new HttpError("gone"));
  expect(Object.getPrototypeOf(error)).toBe(RangeError.prototype);
  expect(error).toMatchObject({ name: "HttpError", message: "gone", status: 404 });
  expect(error.stack).toContain("structural.test.ts");
  expect(back(new DOMException("stop", "AbortError"))).toMatchObject({ name: "AbortError", message: "stop" });
});

test("what several parts share is encoded once", () => {
  const config = { text: "x".repeat(1000) };
  const values = Array.from({ length: 100 }, (_, i) => ({ i, config }));
  const bytes = encodeAll(structuralCoder, values);
  expect(bytes.length).toBeLessThan(5_000);
  expect(identical(allDecoded(structuralCoder, bytes), values)).toBe(true);
});

describe("records with the same fields", () => {
  const backAll = <T>(values: readonly T[]): readonly T[] =>
    allDecoded(structuralCoder, encodeAll(structuralCoder, values)) as readonly T[];
  const rows = <T>(rowOf: (i: number) => T): readonly T[] => Array.from({ length: 200 }, (_, i) => rowOf(i));

  test("take a third of what each takes alone, as their names are written once and their numbers and texts in columns", () => {
    const values = rows((i) => ({ country: i % 2 === 0 ? "Norway" : "Brazil", id: i, isOpen: i % 3 === 0 }));
    const alone = values.reduce((sum, value) => sum + structuralCoder.encode(value).length, 0);
    expect(encodeAll(structuralCoder, values).length).toBeLessThan(alone / 3);
    expect(backAll(values)).toStrictEqual(values);
  });

  test.each<readonly [string, (i: number) => unknown]>([
    ["-0 among integers", (i) => ({ n: i === 7 ? -0 : i })],
    ["integers beyond 32 bits", (i) => ({ n: i === 7 ? 2 ** 31 : -i })],
    ["NaN among integers", (i) => ({ n: i === 7 ? NaN : i })],
    ["a text among numbers", (i) => ({ id: i, n: i === 7 ? "7" : i })],
    ["a number among texts", (i) => ({ id: i, text: i === 7 ? 7 : `t${i}` })],
    ["a number among booleans", (i) => ({ id: i, is: i === 7 ? 1 : i % 2 === 0 })],
    ["undefined and null", (i) => ({ id: i, a: undefined, b: i % 2 === 0 ? null : undefined, c: i % 3 === 0 ? "c" : null })],
    ["a field that one lacks", (i) => (i === 7 ? { id: i } : { id: i, n: i })],
    ["a field that only one has", (i) => (i === 7 ? { id: i, n: i } : { id: i })],
    ["another order of fields", (i) => (i === 7 ? { b: i, a: i } : { a: i, b: i })],
    ["names like numbers, which have an order of their own", (i) => ({ b: i, 2: "two", a: i, 1: i })],
    ["half a surrogate pair", (i) => ({ id: i, text: i % 9 === 0 ? "\ud83d" : `\ude00${i}` })],
    ["half a surrogate pair in a name", (i) => ({ "id": i, "\udc00": i })],
    ["a field __proto__", (i) => JSON.parse(`{"id":${i},"__proto__":{"a":${i}}}`) as unknown],
    ["a field __proto__ in one", (i) => JSON.parse(i === 7 ? `{"id":7,"__proto__":1}` : `{"id":${i}}`) as unknown],
    ["a field __keys__", (i) => ({ id: i, __keys__: i })],
    ["parts that msgpackr alone would change", (i) => ({ id: i, part: { at: [-0, "\ud83d", new Date(i), 7n] } })],
    ["something else among them", (i) => (i === 7 ? [7] : { id: i })],
    ["null among them", (i) => (i === 7 ? null : { id: i })],
    ["a Date among them", (i) => (i === 7 ? new Date(7) : {})],
    ["no fields", () => ({})],
  ])("with %s come back", (_, rowOf) => {
    const values = rows(rowOf);
    expect(identical(backAll(values), values)).toBe(true);
  });

  test("whose parts are shared share them again, also those of different fields", () => {
    const shared = { list: [1] };
    const [first, second] = backAll(rows((id) => ({ id, a: shared, b: { shared } })));
    expect(first!.b.shared).toBe(first!.a);
    expect(second!.a).toBe(first!.a);
  });

  test("without a prototype come back as literals, and fields with symbols for names are left out", () => {
    const values = rows((id) => Object.assign(Object.create(null) as object, { id, [Symbol("s")]: 1 }));
    expect(backAll(values)).toStrictEqual(rows((id) => ({ id })));
  });

  test("are written by what they are where someone gave fields to all objects", () => {
    const shared = Object.prototype as unknown as Record<string, unknown>;
    shared["extension"] = 1;
    try {
      const values = rows((i) => (i === 0 ? { id: 0, extension: 2 } : { id: i }));
      expect(backAll(values).map((value) => Object.keys(value))).toEqual(values.map((value) => Object.keys(value)));
    } finally {
      delete shared["extension"];
    }
  });

  test("are refused as they are alone, by the part that cannot be encoded", () => {
    const odd = rows((i) => ({ id: i, part: { when: i === 150 ? new URL("file:///a") : i } }));
    expect(() => encodeAll(structuralCoder, odd)).toThrow(/its part \.part\.when is an instance of URL/);
    class Row {
      readonly id = 150;
    }
    expect(() => encodeAll(structuralCoder, [...rows((id) => ({ id })), new Row()])).toThrow(/it is an instance of Row/);
    const own = rows((i) => ({ id: i, self: undefined as unknown }));
    (own[150] as { self: unknown }).self = own[150];
    expect(() => encodeAll(structuralCoder, own)).toThrow(/because it contains itself at \.self/);
  });
});

test("a value that doubles at every level is looked through in no time", () => {
  let value: unknown = [-0];
  for (let level = 0; level < 60; level++) value = [value, value];
  const bytes = structuralCoder.encode(value);
  expect(bytes.length).toBeLessThan(2_000);
  expect(structuralCoder.decode(bytes)._tag).toBe("Right");
});

describe("what would lose something is refused", () => {
  class Point {
    readonly x = 1;
  }
  class Numbers extends Array<number> {}
  test.each([
    [new Point(), "it is an instance of Point, which would lose its methods"],
    [{ items: [0, 0, 0, { when: new Point() }] }, "its part .items[3].when is an instance of Point"],
    [{ "a b": { "0": () => 1 } }, `its part ["a b"]["0"] is a function, which cannot leave its thread`],
    [new Map([["k", { s: Symbol("s") }]]), `its part .get("k").s is a symbol`],
    [new Map([[new Point(), 1]]), "its part .keys() is an instance of Point"],
    [[new Set([1, Promise.resolve()])], "its part [0].values() is an instance of Promise"],
    [new WeakMap(), "it is an instance of WeakMap"],
    [Numbers.of(1), "it is an instance of Numbers"],
    [{ n: Object(1) as unknown }, "its part .n is an instance of Number"],
    [new SharedArrayBuffer(1), "it is an instance of SharedArrayBuffer"],
    [new Error("e", { cause: { socket: new Point() } }), "its part .cause.socket is an instance of Point"],
    [JSON.parse('{"__proto__":1}', () => new Point()), "it is an instance of Point"],
  ])("%o: %s", (value, why) => {
    for (const encode of [structuralCoder.encode, mustBePlain, (each: unknown) => encodeAll(structuralCoder, [1, "a", each])]) {
      expect(() => encode(value)).toThrow(PipelineError);
      expect(() => encode(value)).toThrow(
        expect.objectContaining({ code: "NOT_ENCODABLE", message: expect.stringContaining(why) as unknown }),
      );
    }
  });

  test("what contains itself, with the place where it does", () => {
    const list: unknown[] = [];
    list.push({ map: new Map([["k", list]]) });
    expect(() => structuralCoder.encode({ list })).toThrow(/because it contains itself at \.list\[0\]\.map\.get\("k"\)/);
    const wide = { rows: Array.from({ length: 150_000 }, (_, i): unknown => ({ i })) };
    wide.rows.push(wide);
    expect(() => structuralCoder.encode(wide)).toThrow(/contains itself at \.rows\[150000\]/);
  });

  test("what is nested deeper than 500 levels, however deep", () => {
    const nested = (levels: number, around: (inside: unknown) => unknown): unknown => {
      let value: unknown = 1;
      for (let level = 0; level < levels; level++) value = around(value);
      return value;
    };
    const shapes = [
      (inside: unknown) => [inside],
      (inside: unknown) => ({ inside }),
      (inside: unknown) => new Map([[inside, inside]]),
      (inside: unknown) => new Set([inside]),
      (inside: unknown) => JSON.parse('{"__proto__":0}', (_, part: unknown) => (part === 0 ? inside : part)) as unknown,
      (cause: unknown) => new Error("e", { cause }),
    ];
    for (const shape of shapes) {
      const deepest = nested(250, shape);
      expect(structuralCoder.decode(structuralCoder.encode(deepest))._tag).toBe("Right");
      expect(() => structuralCoder.encode(nested(501, shape))).toThrow(/nested deeper than 500 levels/);
      expect(() => encodeAll(structuralCoder, [0, nested(100_000, shape)])).toThrow(/nested deeper than 500 levels/);
    }
    expect(back(nested(500, shapes[1]!))).toEqual(nested(500, shapes[1]!));
    expect(allDecoded(structuralCoder, encodeAll(structuralCoder, [nested(500, shapes[0]!)]))).toEqual([nested(500, shapes[0]!)]);
  });
});

test("what someone gave to all objects changes nothing", () => {
  const shared = Object.prototype as unknown as Record<string, unknown>;
  shared["extension"] = () => 1;
  try {
    expect(Object.keys(back({ a: 1 }))).toEqual(["a"]);
  } finally {
    delete shared["extension"];
  }
});

test("strings of every length class come back", () => {
  for (const length of [0, 1, 12, 13, 31, 32, 63, 64, 255, 256, 65_535, 65_536, 200_000]) {
    for (const unit of ["a", "é", "€", "\ud83d"]) {
      const text = unit.repeat(length);
      expect(back(text) === text).toBe(true);
      expect(allDecoded(structuralCoder, encodeAll(structuralCoder, [text, "b", text]))[2] === text).toBe(true);
    }
  }
});

test("decoding goes on as before after bytes that were corrupt", () => {
  const values = [{ a: 1, b: "x" }, { b: 2 }];
  const bytes = encodeAll(structuralCoder, values);
  for (let cut = 0; cut < bytes.length; cut++) {
    structuralCoder.decode(bytes.subarray(0, cut));
    expect(allDecoded(structuralCoder, bytes)).toEqual(values);
  }
});
