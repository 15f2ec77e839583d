import {
  eventTimer,
  eventTimerFamily,
  minutes,
  output,
  parDo,
  processingTimer,
  processingTimerFamily,
  seconds,
  valueState,
  type Answered,
  type KV,
  type PCollection,
  type Timer,
  type TimerFamily,
  type TimerSpec,
} from "millrace";
import { keyed, words, type Item } from "./inputs.ts";
import { is } from "./is.ts";

is<TimerSpec<Timer>>()(eventTimer());
is<TimerSpec<Timer>>()(processingTimer());
is<TimerSpec<TimerFamily>>()(eventTimerFamily());
is<TimerSpec<TimerFamily>>()(processingTimerFamily());

const timed = keyed.apply(
  "All",
  parDo({
    output: output<string>(),
    outputs: { late: output<Item>() },
    timers: { wake: processingTimer(), each: processingTimerFamily(), at: eventTimer() },
    process([user, item], ctx) {
      ctx.timers.wake.setRelative({ offset: seconds(5), align: minutes(1) });
      ctx.timers.at.set(ctx.window.maxTimestamp, { outputTimestamp: ctx.timestamp });
      ctx.timers.at.setRelative({ offset: 1, outputTimestamp: 3 });
      ctx.timers.each.set(user, item.at);
      ctx.timers.each.setRelative("a", { offset: 1 });
      ctx.timers.each.clear("a");
      ctx.timers.wake.clear();
      // @ts-expect-error when it is due has to be said
      ctx.timers.wake.setRelative({ align: 3 });
      // @ts-expect-error a timer of a family has a name
      ctx.timers.each.set(3);
      // @ts-expect-error a timer of a family has a name
      ctx.timers.each.clear();
      // @ts-expect-error only timers of families have names
      ctx.timers.wake.set("a", 3);
      // @ts-expect-error no such setting
      ctx.timers.wake.set(3, { output: 3 });
    },
    onTimer: {
      wake(ctx) {
        is<string>()(ctx.key);
        is<number>()(ctx.processingTime + ctx.timestamp);
        ctx.metrics.counter("fired").inc();
        ctx.timers.at.set(ctx.window.maxTimestamp);
      },
      each(ctx) {
        is<string>()(ctx.tag);
        ctx.output(ctx.tag, { timestamp: ctx.timestamp });
        // @ts-expect-error another type
        ctx.outputs.late(ctx.tag);
      },
      at() {},
    },
  }),
);
is<PCollection<Item>>()(timed.late);

// Callbacks that take no context say nothing of what timers are.
keyed.apply(
  parDo({
    timers: { alarm: eventTimer() },
    process(_, ctx) {
      is<Timer>()(ctx.timers.alarm);
    },
    onTimer: { alarm() {} },
  }),
);
const forget = (ctx: { readonly state: { readonly n: { readonly clear: () => void } } }): void => ctx.state.n.clear();
keyed.apply(
  parDo({
    state: { n: valueState<number>() },
    timers: { first: eventTimer(), each: eventTimerFamily() },
    process(_, ctx) {
      is<Timer>()(ctx.timers.first);
      is<TimerFamily>()(ctx.timers.each);
    },
    onTimer: { first: forget, each: forget },
  }),
);

// Timers are answered, and nothing else is.
const sets = (_: KV<string, Item>, ctx: { readonly timers: { readonly flush: Timer } }): void => ctx.timers.flush.set(1);
keyed.apply(parDo({ timers: { flush: eventTimer() }, onTimer: { flush() {} }, process: sets }));
// @ts-expect-error a timer without a callback
keyed.apply(parDo({ timers: { flush: eventTimer() }, onTimer: {}, process: sets }));
// @ts-expect-error a timer without callbacks
keyed.apply(parDo({ timers: { flush: eventTimer() }, process: sets }));
// @ts-expect-error a callback without a timer
keyed.apply(parDo({ timers: { flush: eventTimer() }, onTimer: { flush() {}, flsh() {} }, process: sets }));
// @ts-expect-error a callback that waits is for async DoFns
keyed.apply(parDo({ timers: { flush: eventTimer() }, onTimer: { flush: () => Promise.resolve() }, process: sets }));
is<unknown>()(null! as Answered<{}>);
is<{ readonly onTimer: { readonly flush: unknown } }>()(null! as Answered<{ flush: Timer }>);

// @ts-expect-error timers on input without keys
words.apply(parDo({ timers: { flush: eventTimer() }, onTimer: { flush() {} }, process: () => {} }));
