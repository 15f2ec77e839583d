import { expect, expectTypeOf, test } from "vitest";
import { decoded } from "../../sdk/coders/coder.ts";
import { allDecoded, encodeAll } from "../../sdk/coders/frames.ts";
import { iterableCoder, nullableCoder, numberCoder, PipelineError, rowCoder, stringCoder, type Coder } from "../../sdk/index.ts";

const flightCoder = rowCoder({ from: stringCoder, delay: nullableCoder(numberCoder), legs: iterableCoder(stringCoder) });

test("a row is typed by its fields; one that may be undefined may be missing", () => {
  interface Flight {
    readonly from: string;
    readonly delay?: number | null | undefined;
    readonly legs: Iterable<string>;
  }
  expectTypeOf(flightCoder).toEqualTypeOf<Coder<Flight>>();
  expectTypeOf(rowCoder({})).toEqualTypeOf<Coder<{}>>();
  // @ts-expect-error a number is no string
  expect(() => flightCoder.encode({ from: 1, legs: [] })).toThrow(/NOT_ENCODABLE: the field "from": stringCoder takes strings only/);
});

test("a field that is missing, one that is undefined and one that is null all stay what they are", () => {
  const rows = [
    { from: "A", legs: [] },
    { from: "B", delay: undefined, legs: [] },
    { from: "C", delay: null, legs: ["x"] },
  ];
  expect(rows.map((row) => decoded(flightCoder, flightCoder.encode(row)))).toStrictEqual(rows);
  expect(allDecoded(flightCoder, encodeAll(flightCoder, rows))).toStrictEqual(rows);
});

test("the order of fields in a row does not matter to its bytes", () => {
  expect(flightCoder.encode({ legs: [], delay: 1, from: "A" })).toEqual(flightCoder.encode({ from: "A", delay: 1, legs: [] }));
  expect(flightCoder.deterministic).toBe(true);
  expect(rowCoder({ a: { ...stringCoder, deterministic: false } }).deterministic).toBe(false);
});

test("a row without a prototype is a row", () => {
  const row = Object.assign(Object.create(null) as object, { from: "A", legs: [] });
  expect(decoded(flightCoder, flightCoder.encode(row))).toStrictEqual({ from: "A", legs: [] });
});

class Flight {
  readonly from = "A";
  readonly legs = [];
}

test.each<readonly [row: unknown, why: string]>([
  [{ from: "A", legs: [], to: "B" }, 'a row has the field "to", for which its coder has none'],
  [{ delay: 1, legs: [] }, 'a row lacks the field "from"'],
  [{ from: "A", legs: ["x", 1] }, 'the field "legs": stringCoder takes strings only'],
  [{ from: "A", delay: "1", legs: [] }, 'the field "delay": numberCoder takes numbers only'],
  [new Flight(), "rowCoder takes plain objects only"],
  [null, "rowCoder takes plain objects only"],
  [["A"], "rowCoder takes plain objects only"],
])("%o is refused: %s", (row, why) => {
  for (const encode of [() => flightCoder.encode(row as never), () => encodeAll(flightCoder, [{ from: "Z", legs: [] }, row as never])]) {
    expect(encode).toThrow(PipelineError);
    expect(encode).toThrow(`NOT_ENCODABLE: ${why}`);
  }
});
