/* oxlint-disable unicorn/no-thenable -- the word `then` of a failure policy */
import {
  combiningState,
  eventTimer,
  eventTimerFamily,
  orderedListState,
  output,
  parDo,
  sum,
  valueState,
  withExceptionHandling,
  type KV,
} from "millrace";
import { Attempts, digest, mod, notMerging, type Kind } from "./kind.ts";

/** Steps with state or timers, whose results do not depend on the order of elements. */
export const stateful: Readonly<Record<string, Kind>> = {
  /** What a key has in a window, told by a timer. */
  atTimer: {
    suits: notMerging,
    make:
      () =>
      (at, [pairs]) => {
        const attempts = new Attempts();
        const told = parDo({
          state: { total: combiningState(sum()) },
          timers: { end: eventTimer() },
          output: output<KV<string, number>>(),
          process([key, n]: KV<string, number>, { state, timers, window, timestamp }) {
            state.total.add(n);
            timers.end.set(window.maxTimestamp);
            if (n % 3 === 1 && attempts.of([key, n, timestamp, window]) % 2 === 1) throw new Error("not yet");
          },
          onTimer: { end: ({ key, state, output: emit }) => emit([key as string, mod(state.total.read())]) },
        });
        return pairs!.apply(at, withExceptionHandling(told, { attempts: 2, then: "fail" }));
      },
  },
  /** The same, told when the window is over. What is told then is late where windows stay open for longer than they last. */
  atExpiry: {
    suits: ({ merges, isLenient }) => !merges && !isLenient,
    make:
      () =>
      (at, [pairs]) => {
        const attempts = new Attempts();
        const told = parDo({
          state: { total: combiningState(sum()) },
          output: output<KV<string, number>>(),
          process([key, n]: KV<string, number>, { state, window, timestamp }) {
            state.total.add(n);
            if (n % 3 === 1 && attempts.of([key, n, timestamp, window]) % 2 === 1) throw new Error("not yet");
          },
          onWindowExpiration: ({ key, state, output: emit }) => emit([key as string, mod(state.total.read())]),
        });
        return pairs!.apply(at, withExceptionHandling(told, { attempts: 2, then: "fail" }));
      },
  },
  /** A timer for each element, some time after it. */
  alarms: {
    suits: notMerging,
    make: (choices) => {
      const wait_ = choices.below(6);
      return (at, [pairs]) =>
        pairs!.apply(
          at,
          parDo({
            timers: { alarms: eventTimerFamily() },
            output: output<KV<string, number>>(),
            process([, n]: KV<string, number>, { timers, window, timestamp }) {
              timers.alarms.set(`${n} ${timestamp}`, Math.min(timestamp + wait_, window.maxTimestamp), { outputTimestamp: timestamp });
            },
            onTimer: {
              alarms({ key, tag, output: emit }) {
                emit([key as string, Number(tag.split(" ")[0])]);
              },
            },
          }),
        );
    },
  },
  /** What came before an element, in the order of times. */
  sorted: {
    suits: notMerging,
    make:
      () =>
      (at, [pairs]) =>
        pairs!.apply(
          at,
          parDo({
            requiresTimeSortedInput: true,
            state: { seen: orderedListState<number>(), last: valueState<number>() },
            output: output<KV<string, number>>(),
            process([key, n]: KV<string, number>, { state, timestamp, output: emit }) {
              const before = [...state.seen.read()].filter((each) => each.timestamp < timestamp).map(({ value }) => value);
              emit([key, mod(digest(before) + n)]);
              state.seen.add(n, timestamp);
            },
          }),
        ),
  },
};
