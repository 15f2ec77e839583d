import {
  create,
  definePipeline,
  groupByKey,
  intervalWindow,
  intervalWindowCoder,
  sessions,
  windowInto,
  withKeys,
  type Instant,
  type IntervalWindow,
  type WindowFn,
} from "millrace";

const mine: WindowFn = {
  name: "mine",
  assign: ({ timestamp }) => [intervalWindow(timestamp, timestamp + 10)],
  windowCoder: intervalWindowCoder,
  isCompatible: () => false,
};

const merging = (merge: (windows: readonly IntervalWindow[]) => unknown): WindowFn => ({
  ...mine,
  merge: merge as NonNullable<WindowFn["merge"]>,
});

const assigning = (assign: (timestamp: Instant) => unknown): Partial<WindowFn> => ({
  assign: ({ timestamp }) => assign(timestamp) as readonly IntervalWindow[],
});

/** A window that ends at some time. */
const ending = (maxTimestamp: unknown): unknown => [{ start: 0, end: 10, maxTimestamp }];

/** Window functions that do not do what they should, each by what it does. */
const functions: Readonly<Record<string, WindowFn>> = {
  "gives no window": { ...mine, ...assigning(() => []) },
  "gives nothing": { ...mine, ...assigning(() => undefined) },
  "gives a number": { ...mine, ...assigning(() => [7]) },
  "gives null": { ...mine, ...assigning(() => [null]) },
  "gives a window that ends before it begins": { ...mine, ...assigning(() => [intervalWindow(10, 5)]) },
  "gives a window without a time in it": { ...mine, ...assigning(() => [intervalWindow(5, 5)]) },
  "gives a window that ends at NaN": { ...mine, ...assigning(() => ending(Number.NaN)) },
  "gives a window that never ends": { ...mine, ...assigning(() => ending(Infinity)) },
  "gives a window whose end and last time do not fit": { ...mine, ...assigning(() => ending(4)) },
  "throws": {
    ...mine,
    assign() {
      throw new Error("no windows today");
    },
  },
  "merges nothing": merging(() => undefined),
  "merges a number": merging(() => [7]),
  "merges what it was not given": merging(([a]) => [{ from: [a, intervalWindow(77, 78)], into: a }]),
  "merges null": merging(([a]) => [{ from: [null], into: a }]),
  "merges a window twice": merging(([a, b]) => [
    { from: [a], into: intervalWindow(0, 500) },
    { from: [a, b], into: intervalWindow(0, 600) },
  ]),
  "merges a window with itself": merging(([into]) => [{ from: [into, into], into }]),
  "merges what has merged": merging(([a, b]) => [
    { from: [a, b], into: a },
    { from: [b], into: b },
  ]),
  "merges into one that it leaves out": merging(([a, b]) => [{ from: [a], into: b }]),
  "merges into a window that ends at NaN": merging((from) => [{ from, into: intervalWindow(0, Number.NaN) }]),
  "merges into a window that ends before it begins": merging((from) => [{ from, into: intervalWindow(10, 5) }]),
  "merges into a window that does not hold them": merging((from) => [{ from, into: intervalWindow(0, 50) }]),
  "merges into nothing": merging((from) => [{ from }]),
  "throws as it merges": merging(() => {
    throw new Error("no merges today");
  }),
  "merges as it should": { ...sessions(10), merge: (windows) => sessions(10).merge!(windows) },
};

/** Groups three elements in windows of a function, which may be asked by time alone. */
export default definePipeline(
  import.meta.url,
  { options: { does: { type: "string", required: true }, byTime: { type: "boolean", default: false } } },
  (p, { does, byTime }) => {
    const windowFn = functions[does]!;
    const { assign } = windowFn;
    const assignAt = (timestamp: Instant): readonly IntervalWindow[] => assign({ value: undefined, timestamp, windows: [] });
    p.apply("Elements", create(["a", "b", "c"], { timestampOf: (text) => text.charCodeAt(0) }))
      .apply("Windows", windowInto(byTime ? { ...windowFn, assignAt } : windowFn))
      .apply("Keys", withKeys("k"))
      .apply("Group", groupByKey());
  },
);
