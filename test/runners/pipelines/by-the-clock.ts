import { appendFileSync } from "node:fs";
import {
  afterProcessingTime,
  countPerElement,
  create,
  definePipeline,
  globalWindows,
  map,
  output,
  parDo,
  periodicImpulse,
  processingTimer,
  repeatedly,
  resume,
  seconds,
  splittable,
  tap,
  windowInto,
  type KV,
} from "millrace";

const log = { log: { type: "string", required: true } } as const;

/** Panes a second after the first element in them, of an impulse every 400 ms. */
export const panes = definePipeline(import.meta.url, { options: log }, (p, options) => {
  p.apply(periodicImpulse({ every: 400, from: 0, until: 2_000 })).pipe(
    windowInto(globalWindows(), { trigger: repeatedly(afterProcessingTime(seconds(1))), accumulation: "discarding" }),
    map(() => "tick"),
    countPerElement(),
    tap(([, n], ctx) => appendFileSync(options.log, `${n} at ${ctx.processingTime}\n`)),
  );
});

/** A read that goes on every 250 ms, and timers in processing time that its elements set, each 100 ms later. */
export const timers = definePipeline(import.meta.url, { options: log }, (p, options) => {
  p.apply(create(["a"])).pipe(
    splittable({
      unbounded: true,
      output: output<KV<string, number>>(),
      restriction: () => ({ from: 0, to: 3 }),
      process(_, { restriction, tracker, output: give }) {
        if (tracker.tryClaim(restriction.from)) give(["a", restriction.from]);
        return resume({ after: 250 });
      },
    }),
    parDo({
      timers: { alarm: processingTimer() },
      process([, n]: KV<string, number>, ctx) {
        appendFileSync(options.log, `${n} at ${ctx.processingTime}\n`);
        ctx.timers.alarm.setRelative({ offset: 100 });
      },
      onTimer: {
        alarm(ctx) {
          appendFileSync(options.log, `alarm at ${ctx.processingTime}\n`);
        },
      },
    }),
  );
});
