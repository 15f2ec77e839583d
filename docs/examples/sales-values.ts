import { join } from "node:path";
import {
  asMap,
  calendarDays,
  combinePerKey,
  definePipeline,
  keyBy,
  latest,
  map,
  ptransform,
  tableJoin,
  windowInto,
  type PCollection,
} from "millrace";
import { readJsonLines, writeJsonLines } from "millrace/io/json-lines";

const data = join(import.meta.dirname, "data");

/** Something that was sold. */
export interface Sale {
  readonly id: string;
  readonly article: string;
  readonly quantity: number;
  /** When, such as `2024-05-01T09:30:00Z`. */
  readonly at: string;
}

/** What an article costs from a time on. */
export interface PriceChange {
  readonly article: string;
  readonly cents: number;
  /** Such as `2024-05-01T08:00:00Z`. */
  readonly from: string;
}

/** A sale with what was paid. */
export interface SaleValue {
  readonly id: string;
  /** Nothing for an article that has no price. */
  readonly cents: number | undefined;
}

const valueOf = ({ id, quantity }: Sale, price: number | undefined): SaleValue => ({
  id,
  cents: price === undefined ? undefined : price * quantity,
});

/**
 * The value of each sale by the price at its time, to the instant: a join with the table of prices. Each sale waits until all price
 * changes before it must have come.
 *
 * @param prices - the changes, each at the time from which on it counts.
 */
export const valuesAtTheTime = (prices: PCollection<PriceChange>) =>
  ptransform("ValuesAtTheTime", (sales: PCollection<Sale>) => {
    const table = prices
      .apply(
        "ByArticle",
        keyBy(({ article }) => article),
      )
      .apply(
        "Cents",
        map(([article, { cents }]) => [article, cents] as const),
      );
    return sales
      .apply(
        "SalesByArticle",
        keyBy(({ article }) => article),
      )
      .apply(tableJoin(table))
      .apply(
        "Value",
        map(([, [sale, price]]) => valueOf(sale, price)),
      );
  });

/**
 * The value of each sale by the last price of its day: the prices are a side input, a map for each day. It is the cheaper way for a
 * table that fits into memory, where the price of a stretch of time is good enough.
 */
export const valuesOfTheDay = (prices: PCollection<PriceChange>) =>
  ptransform("ValuesOfTheDay", (sales: PCollection<Sale>) => {
    const ofDay = prices
      .apply("PriceDays", windowInto(calendarDays(1)))
      .apply(
        "ByArticle",
        keyBy(({ article }) => article),
      )
      .apply("Last", combinePerKey(latest()))
      .apply(
        "Cents",
        map(([article, { cents }]) => [article, cents] as const),
      );
    return sales.apply("SaleDays", windowInto(calendarDays(1))).apply(
      "Value",
      map((sale, { sideInputs }) => valueOf(sale, sideInputs.prices.get(sale.article)), { sideInputs: { prices: asMap(ofDay) } }),
    );
  });

/**
 * Writes what each sale was worth. Try it with the files beside it:
 * `npx millrace run docs/examples/sales-values.ts -- --output values.jsonl --by day`
 */
export default definePipeline(
  import.meta.url,
  {
    options: {
      sales: { type: "string", default: join(data, "sales.jsonl"), help: "files with a sale as JSON in each line" },
      prices: { type: "string", default: join(data, "price-changes.jsonl"), help: "files with a price change as JSON in each line" },
      output: { type: "string", required: true, help: "the file to write, a value as JSON in each line" },
      by: { type: "choice", choices: ["instant", "day"], default: "instant", help: "which price counts" },
    },
  },
  (p, { sales: salesPath, prices: pricesPath, output, by }) => {
    const sales = p.apply("ReadSales", readJsonLines<Sale>(salesPath, { timestampOf: ({ at }) => Date.parse(at) }));
    const prices = p.apply("ReadPrices", readJsonLines<PriceChange>(pricesPath, { timestampOf: ({ from }) => Date.parse(from) }));
    sales.apply(by === "day" ? valuesOfTheDay(prices) : valuesAtTheTime(prices)).apply("Write", writeJsonLines(output));
  },
);
