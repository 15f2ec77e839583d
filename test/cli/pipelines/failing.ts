import { create, definePipeline, map } from "millrace";

const prices: Readonly<Record<string, number>> = { apple: 2 };

function priceOf(fruit: string): number {
  const price = prices[fruit];
  if (price === undefined) throw new Error(`no price for ${fruit}`, { cause: new TypeError("the list of prices is old") });
  return price;
}

export default definePipeline(import.meta.url, (p) => {
  p.apply("Fruit", create(["apple", "pear"])).apply(
    "Price",
    map((fruit) => priceOf(fruit)),
  );
});
