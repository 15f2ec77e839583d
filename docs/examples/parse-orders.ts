import { join } from "node:path";
import { left, right, type Either } from "fp-ts/lib/Either.js";
import { definePipeline, distinct, flatten, keyBy, kv, leftJoin, map, mapEither, withExceptionHandling } from "millrace";
import { readCsv } from "millrace/io/csv";
import { writeJsonLines } from "millrace/io/json-lines";
import { readText } from "millrace/io/text";

const data = join(import.meta.dirname, "data");

/** An order as it has to be. */
interface Order {
  readonly id: string;
  readonly customer: string;
  readonly article: string;
  readonly quantity: number;
}

/** What is no order that can be filled, and why. */
interface Rejected {
  readonly rejected: unknown;
  readonly why: string;
}

/** The order that a value is, or what is wrong with it. */
function orderOf(value: unknown): Either<Rejected, Order> {
  // Of null, too, Object makes something that one can look into.
  const { id, customer, article, quantity } = Object(value) as Partial<Record<keyof Order, unknown>>;
  if (typeof id !== "string" || typeof customer !== "string") return left({ rejected: value, why: "an order has an id and a customer" });
  if (typeof article !== "string") return left({ rejected: value, why: "an order has an article" });
  if (!Number.isInteger(quantity)) return left({ rejected: value, why: "the quantity is a whole number" });
  return right({ id, customer, article, quantity: Number(quantity) });
}

/**
 * Puts prices to orders. Lines that are no orders, and orders of what has no price, end up in a file of their own, with the
 * reason; the run goes on. Try it with the files beside it:
 * `npx millrace run docs/examples/parse-orders.ts -- --output bills.jsonl --rejected rejected.jsonl`
 */
export default definePipeline(
  import.meta.url,
  {
    options: {
      orders: { type: "string", default: join(data, "orders.jsonl"), help: "files with an order as JSON in each line" },
      prices: { type: "string", default: join(data, "prices.csv"), help: "a CSV file with the columns article and cents" },
      output: { type: "string", required: true, help: "the file for the orders with their totals" },
      rejected: { type: "string", required: true, help: "the file for what could not be used" },
      replace: { type: "boolean", default: false, help: "replace files that exist, instead of failing" },
    },
  },
  (p, { orders, prices, output, rejected, replace }) => {
    const ifExists = replace ? "replace" : "error";
    const priceOf = p.apply("Prices", readCsv<"article" | "cents">(prices)).apply(
      "PriceByArticle",
      map(({ article, cents }) => kv(article, Number(cents))),
    );

    // For a function that throws: the element that it threw for becomes a dead letter.
    const { main: values, failed } = p.apply("Orders", readText(orders)).apply(
      "Parse",
      withExceptionHandling(
        map((line) => JSON.parse(line) as unknown),
        { then: "deadLetter" },
      ),
    );
    const noJson = failed.apply(
      "NoJson",
      map(({ element, error }): Rejected => ({ rejected: element, why: error.message })),
    );

    // For a function that says itself what is wrong: it gives the one or the other.
    const { right: valid, left: noOrder } = values.apply("Check", mapEither(orderOf));

    const { right: bills, left: noPrice } = valid
      .apply(
        "Once",
        distinct((order) => order.id),
      )
      .apply(
        "OrderByArticle",
        keyBy((order) => order.article),
      )
      .apply("Price", leftJoin(priceOf))
      .apply(
        "Bill",
        mapEither(([, [order, cents]]) =>
          cents === undefined
            ? left<Rejected>({ rejected: order, why: `there is no price for ${order.article}` })
            : right({ ...order, total: order.quantity * cents }),
        ),
      );

    bills.apply("Write", writeJsonLines(output, { ifExists }));
    flatten("Rejected", { noJson, noOrder, noPrice }).apply("WriteRejected", writeJsonLines(rejected, { ifExists }));
  },
);
