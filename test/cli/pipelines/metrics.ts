import { counter, create, definePipeline, tap } from "millrace";

const seen = counter("seen");
const skipped = counter("skipped", { namespace: "shop" });

/** Keeps a metric of every kind. */
export default definePipeline(import.meta.url, (p) => {
  p.apply(create([1, 2.5, 3])).apply(
    "Prices",
    tap((price, ctx) => {
      seen.inc(1_000);
      skipped.inc();
      ctx.metrics.distribution("price").update(price);
      ctx.metrics.gauge("limit").set(7);
      ctx.metrics.stringSet("kinds").add(Number.isInteger(price) ? "whole" : "part\nly");
    }),
  );
});
