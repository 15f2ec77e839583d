import { globalWindow, map, numberCoder, output, parDo, seconds, type KV, type Pane, type PCollection } from "millrace";
import { keyed, words, type Item } from "./inputs.ts";
import { is } from "./is.ts";

is<PCollection<number>>()(
  words.apply(
    "P",
    parDo({
      output: output<number>(),
      process(word, ctx) {
        is<string>()(word);
        ctx.output(word.length);
      },
    }),
  ),
);
is<PCollection<number>>()(
  words.pipe(
    map((word) => word.trim()),
    parDo({
      output: output<number>(),
      process(word, ctx) {
        is<string>()(word);
        ctx.output(word.length);
      },
    }),
  ),
);
is<PCollection<number>>()(words.apply(parDo({ output: output(numberCoder), process: (word, ctx) => ctx.output(word.length) })));

// Everything at once.
const full = keyed.apply(
  "Full",
  parDo({
    allowedSkew: seconds(1),
    output: output<KV<string, number>>(),
    outputs: { late: output<Item>(), odd: output<string>() },
    setup() {
      return { client: "c" };
    },
    startBundle(ctx) {
      is<{ client: string }>()(ctx.instance);
      ctx.metrics.counter("bundles").inc();
      // @ts-expect-error no output here
      ctx.output(["a", 1]);
    },
    process([user, item], ctx) {
      is<string>()(user);
      is<Item>()(item);
      is<number>()(ctx.processingTime + ctx.timestamp + ctx.window.maxTimestamp);
      is<unknown>()(ctx.options["input"]);
      is<Pane>()(ctx.pane);
      ctx.metrics.gauge("g").set(1);
      ctx.outputs.late(item);
      ctx.outputs.odd(ctx.instance.client);
      ctx.output([user, 1], { timestamp: 3 });
      // @ts-expect-error another type
      ctx.output(3);
      // @ts-expect-error another type
      ctx.outputs.late("x");
      // @ts-expect-error no such output
      ctx.outputs.lost("x");
      // @ts-expect-error an option is unknown until it is looked at
      is<number>()(ctx.options["n"] + 1);
      // @ts-expect-error only with async: true
      is<unknown>()(ctx.signal);
    },
    finishBundle(ctx) {
      ctx.outputs.odd(ctx.instance.client, { timestamp: 3, window: globalWindow });
      ctx.output(["a", 1], { timestamp: ctx.processingTime, window: globalWindow });
      // @ts-expect-error time and window are required here
      ctx.outputs.odd("x");
      // @ts-expect-error time and window are required here
      ctx.output(["a", 1], { timestamp: 3 });
    },
    teardown(instance) {
      is<{ client: string }>()(instance);
    },
  }),
);
is<{ readonly main: PCollection<KV<string, number>>; readonly late: PCollection<Item>; readonly odd: PCollection<string> }>()(full);

// The order in the literal does not matter.
keyed.apply(
  parDo({
    process([user, item], ctx) {
      is<string>()(user);
      ctx.output(item.amount);
      is<string>()(ctx.instance.c);
    },
    setup() {
      return { c: "" };
    },
    output: output<number>(),
  }),
);
keyed.apply(
  parDo({
    process: ([user, item], ctx) => {
      is<string>()(user);
      ctx.output(item.amount);
    },
    output: output<number>(),
  }),
);

// Async ones.
words.apply(
  parDo({
    async: true,
    concurrency: 4,
    timeout: seconds(3),
    output: output<number>(),
    async process(word, ctx) {
      is<AbortSignal>()(ctx.signal);
      await Promise.resolve();
      ctx.output(word.length);
    },
  }),
);
words.apply(
  parDo({
    output: output<number>(),
    async process(word, ctx) {
      is<string>()(word);
      await Promise.resolve();
      ctx.output(word.length);
    },
    timeout: 3,
    async: true,
  }),
);
// @ts-expect-error concurrency without async
words.apply(parDo({ concurrency: 4, output: output<number>(), process: (word, ctx) => ctx.output(word.length) }));
// @ts-expect-error timeout without async
words.apply(parDo({ timeout: 4, async: false, output: output<number>(), process: (word, ctx) => ctx.output(word.length) }));
// @ts-expect-error not declared async
words.apply(parDo({ output: output<number>(), process: async (word, ctx) => ctx.output(word.length) }));
// @ts-expect-error the main output is not declared
words.apply(parDo({ process: (word, ctx) => ctx.output(word.length) }));

// Made outside of apply, with an annotation.
export const lengths = parDo({
  output: output<number>(),
  process(word: string, ctx) {
    ctx.output(word.length);
  },
});
is<PCollection<number>>()(words.apply(lengths));
