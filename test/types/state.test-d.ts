import {
  asIterable,
  asMap,
  asSingleton,
  bagState,
  by,
  combiningState,
  eventTimer,
  eventTimerFamily,
  globalWindow,
  mapState,
  max,
  multimapState,
  numberCoder,
  orderedListState,
  output,
  parDo,
  processingTimer,
  seconds,
  setState,
  stringCoder,
  sum,
  top,
  valueState,
  withExceptionHandling,
  type BagCell,
  type CombiningCell,
  type DeadLetter,
  type KeyOf,
  type KV,
  type MapCell,
  type MultimapCell,
  type NeedsKeys,
  type OrderedListCell,
  type PCollection,
  type SetCell,
  type StateSpec,
  type Timer,
  type TimerFamily,
  type Timestamped,
  type ValueCell,
} from "millrace";
import { itemCoder, keyed, limit, rates, words, type Item } from "./inputs.ts";
import { is } from "./is.ts";

// What is declared.
is<StateSpec<ValueCell<number>>>()(valueState<number>());
is<StateSpec<ValueCell<number>>>()(valueState(numberCoder));
is<StateSpec<BagCell<Item>>>()(bagState(itemCoder));
is<StateSpec<SetCell<string>>>()(setState<string>());
is<StateSpec<MapCell<string, Item>>>()(mapState<string, Item>());
is<StateSpec<MapCell<string, number>>>()(mapState({ key: stringCoder, value: numberCoder }));
is<StateSpec<MultimapCell<string, number>>>()(multimapState<string, number>({ value: numberCoder }));
is<StateSpec<OrderedListCell<Item>>>()(orderedListState<Item>());
is<StateSpec<CombiningCell<number, number>>>()(combiningState(sum()));
is<StateSpec<CombiningCell<Item, number>>>()(combiningState(sum((item: Item) => item.amount)));
is<StateSpec<CombiningCell<Item, Item | undefined>>>()(combiningState(max(by((item: Item) => item.amount))));
is<StateSpec<CombiningCell<Item, readonly Item[]>>>()(
  combiningState(
    top(
      3,
      by((item: Item) => item.amount),
    ),
  ),
);
// @ts-expect-error the coder of another type
valueState<string>(numberCoder);
// @ts-expect-error a coder of numbers takes no undefined
valueState<number | undefined>(numberCoder);
// @ts-expect-error the coder of another type
mapState<string, number>({ value: stringCoder });
// @ts-expect-error no combiner
combiningState(3);
// @ts-expect-error a combiner that is not called
combiningState(sum);

// Everything at once.
const full = keyed.apply(
  "Full",
  parDo({
    state: { seen: valueState(numberCoder), items: bagState<Item>(), total: combiningState(sum((item: Item) => item.amount)) },
    timers: { flush: eventTimer(), idle: processingTimer(), each: eventTimerFamily() },
    sideInputs: { rates: asMap(rates), limit: asSingleton(limit), all: asIterable(words) },
    output: output<KV<string, number>>(),
    outputs: { late: output<Item>(), odd: output<string>() },
    setup() {
      return { client: "c" };
    },
    startBundle(ctx) {
      is<{ client: string }>()(ctx.instance);
      // @ts-expect-error a bundle has many keys
      is<unknown>()(ctx.state);
      // @ts-expect-error a bundle has many keys
      is<unknown>()(ctx.timers);
    },
    process([user, item], ctx) {
      is<string>()(user);
      is<Item>()(item);
      is<ValueCell<number>>()(ctx.state.seen);
      is<Timer>()(ctx.timers.flush);
      is<TimerFamily>()(ctx.timers.each);
      ctx.state.total.add(item);
      is<number>()(ctx.state.total.read());
      is<number>()(ctx.sideInputs.limit);
      is<ReadonlyMap<string, number>>()(ctx.sideInputs.rates);
      ctx.timers.each.set("t", ctx.window.maxTimestamp + ctx.timestamp + ctx.pane.index);
      ctx.outputs.late(item);
      ctx.outputs.odd(ctx.instance.client);
      ctx.output([user, 1], { timestamp: 3 });
      // @ts-expect-error another type
      ctx.output(3);
      // @ts-expect-error another type
      ctx.outputs.late("x");
      // @ts-expect-error no such state
      is<unknown>()(ctx.state.nothing);
      // @ts-expect-error no such timer
      is<unknown>()(ctx.timers.nothing);
      // @ts-expect-error the cells are the engine's
      ctx.state.seen = null!;
      // @ts-expect-error the key is in the element
      is<unknown>()(ctx.key);
    },
    finishBundle(ctx) {
      ctx.outputs.odd(ctx.instance.client, { timestamp: 3, window: globalWindow });
      // @ts-expect-error a bundle has many keys
      is<unknown>()(ctx.state);
    },
    teardown(instance) {
      is<{ client: string }>()(instance);
    },
    onTimer: {
      flush(ctx) {
        is<string>()(ctx.key);
        for (const item of ctx.state.items.read()) ctx.outputs.late(item);
        // @ts-expect-error no element came
        is<unknown>()(ctx.pane);
        // @ts-expect-error no element came
        is<unknown>()(ctx.sideInputs);
      },
      idle(ctx) {
        ctx.state.items.clear();
      },
      each(ctx) {
        is<string>()(ctx.tag);
      },
    },
    onWindowExpiration(ctx) {
      ctx.output([ctx.key, ctx.state.total.read()]);
      // @ts-expect-error another type
      ctx.output(ctx.state.total.read());
    },
  }),
);
is<{ readonly main: PCollection<KV<string, number>>; readonly late: PCollection<Item>; readonly odd: PCollection<string> }>()(full);

// The order in the literal does not matter.
keyed.apply(
  parDo({
    process([user, item], ctx) {
      is<string>()(user);
      ctx.state.seen.write(item.amount);
      ctx.output(item.amount);
      is<string>()(ctx.instance.c);
    },
    setup() {
      return { c: "" };
    },
    output: output<number>(),
    state: { seen: valueState<number>() },
  }),
);
keyed.apply(
  parDo({
    process: ([user, item], ctx) => {
      is<string>()(user);
      ctx.state.seen.write(item.amount);
      ctx.output(item.amount);
    },
    output: output<number>(),
    state: { seen: valueState<number>() },
  }),
);

// Each kind of cell.
keyed.apply(
  "Cells",
  parDo({
    requiresTimeSortedInput: true,
    allowedSkew: seconds(1),
    timeToLive: seconds(1),
    state: {
      last: valueState<number>(),
      users: setState<string>(stringCoder),
      byUser: mapState<string, Item>(),
      many: multimapState<string, number>({ value: numberCoder }),
      queue: orderedListState<Item>(),
      best: combiningState(max(by((item: Item) => item.amount))),
    },
    process([user, item], ctx) {
      const { last, users, byUser, many, queue, best } = ctx.state;
      is<number | undefined>()(last.read());
      last.write(item.amount);
      users.add(user);
      is<boolean>()(users.has(user));
      is<Iterable<string>>()(users.read());
      byUser.set(user, item);
      is<Item | undefined>()(byUser.get(user));
      is<Iterable<KV<string, Item>>>()(byUser.entries());
      many.add(user, 3);
      is<Iterable<number>>()(many.get(user));
      is<Iterable<KV<string, Iterable<number>>>>()(many.entries());
      queue.add(item, ctx.timestamp);
      is<Iterable<Timestamped<Item>>>()(queue.read(0, ctx.timestamp));
      is<Item | undefined>()(best.read());
      is<boolean>()(users.isEmpty() && byUser.isEmpty() && many.isEmpty() && queue.isEmpty());
      // @ts-expect-error another type
      last.write("3");
      // @ts-expect-error another type
      users.add(3);
      // @ts-expect-error another type
      byUser.set(user, 3);
      // @ts-expect-error another type
      many.add(user, "3");
      // @ts-expect-error a time is needed
      queue.add(item);
      // @ts-expect-error what a combiner takes is its input
      best.add(3);
    },
  }),
);

// Late elements.
is<PCollection<KV<string, Item>>>()(
  keyed.apply(
    parDo({
      lateTo: "late",
      process([user, item], ctx) {
        is<string>()(user);
        ctx.state.n.write(item.amount);
        ctx.output(user);
      },
      state: { n: valueState<number>() },
      output: output<string>(),
      outputs: { late: output<KV<string, Item>>(), odd: output<number>() },
    }),
  ).late,
);
const clears = (_: KV<string, Item>, ctx: { readonly state: { readonly n: ValueCell<number> } }): void => ctx.state.n.clear();
// @ts-expect-error an output of another type
keyed.apply(parDo({ lateTo: "odd", state: { n: valueState<number>() }, outputs: { odd: output<number>() }, process: clears }));
// @ts-expect-error no such output
keyed.apply(parDo({ lateTo: "lost", state: { n: valueState<number>() }, outputs: { odd: output<number>() }, process: clears }));

// With a failure policy.
const guarded = keyed.apply(
  withExceptionHandling(
    parDo({
      process([user, item], ctx) {
        ctx.state.n.write(item.amount);
        ctx.output(user);
        ctx.outputs.odd(1);
      },
      state: { n: valueState<number>() },
      output: output<string>(),
      outputs: { odd: output<number>() },
    }),
    // oxlint-disable-next-line unicorn/no-thenable -- the word of a failure policy
    { then: "deadLetter" },
  ),
);
is<PCollection<string>>()(guarded.main);
is<PCollection<number>>()(guarded.odd);
is<PCollection<DeadLetter<KV<string, Item>>>>()(guarded.failed);

// Keys.
is<string>()(null! as KeyOf<KV<string, Item>>);
is<never>()(null! as KeyOf<Item>);
is<unknown>()(null! as NeedsKeys<Item, {}, {}>);
is<unknown>()(null! as NeedsKeys<KV<string, Item>, { n: ValueCell<number> }, { t: Timer }>);
is<{ readonly "state and timers need keyed input: put keyBy(…) before this step": true }>()(
  null! as NeedsKeys<Item, { n: ValueCell<number> }, {}>,
);
// @ts-expect-error state on input without keys
words.apply(parDo({ state: { seen: valueState<number>() }, output: output<number>(), process: (word, ctx) => ctx.output(word.length) }));
