import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { directRunner } from "millrace/runners/direct";
import { rxjsRunner } from "millrace/runners/rxjs";
import { threadsRunner } from "millrace/runners/threads";
import parseOrders from "../../docs/examples/parse-orders.ts";

const folder = mkdtempSync(join(tmpdir(), "millrace-parse-orders-"));
const output = join(folder, "bills.jsonl");
const rejected = join(folder, "rejected.jsonl");
afterAll(() => rmSync(folder, { recursive: true }));
beforeEach(() => readdirSync(folder).forEach((name) => rmSync(join(folder, name))));

const linesOf = (path: string): unknown[] =>
  readFileSync(path, "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as unknown);

/** Elements in any order. */
function expectElements(actual: readonly unknown[], expected: readonly unknown[]): void {
  expect(actual).toHaveLength(expected.length);
  expect(actual).toEqual(expect.arrayContaining([...expected]));
}

describe.each([
  ["directRunner", directRunner()],
  ["rxjsRunner", rxjsRunner()],
  ["threadsRunner", threadsRunner({ threads: 2 })],
])("parse-orders.ts on %s", (_, runner) => {
  test("puts prices to the orders beside it, each once, and says of the others what is wrong", async () => {
    const result = await runner.run(parseOrders, { output, rejected });
    expectElements(linesOf(output), [
      { id: "o-1", customer: "ann", article: "tea", quantity: 2, total: 900 },
      { id: "o-2", customer: "bob", article: "cup", quantity: 6, total: 4_740 },
      { id: "o-6", customer: "ann", article: "pot", quantity: 1, total: 2_900 },
    ]);
    expectElements(linesOf(rejected), [
      { rejected: '{"id":"o-4","customer":"dia","article":"pot"', why: expect.stringContaining("JSON") },
      { rejected: { id: "o-3", customer: "cem", article: "tea", quantity: "three" }, why: "the quantity is a whole number" },
      { rejected: { customer: "bob", article: "cup", quantity: 1 }, why: "an order has an id and a customer" },
      { rejected: { id: "o-5", customer: "eve", article: "kettle", quantity: 1 }, why: "there is no price for kettle" },
    ]);
    expect(result.metrics({ step: "Parse", name: "failed", kind: "counter" })).toMatchObject([{ committed: 1 }]);
  });

  test("goes on whatever a line holds", async () => {
    const orders = join(folder, "orders.jsonl");
    const lines = ["", "null", "7", "[]", "{}", '{"id":"o-1","customer":"ann"}', '{"__proto__":null}', "\u0000", "{"];
    writeFileSync(orders, lines.map((line) => `${line}\n`).join(""));
    const { state } = await runner.run(parseOrders, { orders, output, rejected });
    expect(state).toBe("DONE");
    expect(readFileSync(output, "utf8")).toBe("");
    expect(linesOf(rejected)).toHaveLength(lines.length);
    expect(readdirSync(folder).toSorted()).toEqual(["bills.jsonl", "orders.jsonl", "rejected.jsonl"]);
  });

  test("leaves neither file behind where a price cannot be read", async () => {
    const prices = join(folder, "prices.csv");
    writeFileSync(prices, "article,cents\ntea,4,50\n");
    await expect(runner.run(parseOrders, { prices, output, rejected })).rejects.toMatchObject({ code: "NOT_DECODABLE" });
    expect(readdirSync(folder)).toEqual(["prices.csv"]);
  });
});
