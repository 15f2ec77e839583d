import { setTimeout as setTimeoutPromise } from "node:timers/promises";
import { isMainThread } from "node:worker_threads";
import {
  asyncMap,
  boundedSource,
  create,
  definePipeline,
  distinct,
  groupByKey,
  map,
  numberCoder,
  output,
  parDo,
  tap,
  withCoder,
  withKeys,
  type BoundedSource,
  type Coder,
  type OffsetRange,
  type PCollection,
  type Pipeline,
} from "millrace";
import { readText, writeText } from "millrace/io/text";

// What can go wrong, an export each. All of them write a file, so that a test can see that nothing is left of it.
const options = { output: { type: "string", required: true } } as const;
const numbers = (p: Pipeline): PCollection<number> => p.apply("Numbers", create(Array.from({ length: 5_000 }, (_, n) => n)));

const broken = (build: (numbers: PCollection<number>, p: Pipeline) => PCollection<unknown>) =>
  definePipeline(import.meta.url, { options }, (p, { output: path }) => {
    build(numbers(p), p).apply("Text", map(String)).apply("Write", writeText(path));
  });

export const throwsOnOne = broken((all) =>
  all.apply(
    "Half",
    map((n) => {
      if (n === 4_321) throw new RangeError(`${n} is one too many`);
      return n / 2;
    }),
  ),
);

export const throwsOnAll = broken((all) =>
  all.apply(
    "Half",
    map((n) => {
      throw new RangeError(`${n} is one too many`);
    }),
  ),
);

export const throwsInSetup = broken((all) =>
  all.apply(
    "Connect",
    parDo({
      output: output<number>(),
      setup: () => {
        throw new Error("the server is away");
      },
      process: (n: number, ctx) => ctx.output(n),
    }),
  ),
);

export const neverResolves = broken((all) =>
  all.apply(
    "Fetch",
    asyncMap((n) => (n === 7 ? new Promise<number>(() => {}) : Promise.resolve(n)), { concurrency: 10, timeout: 200 }),
  ),
);

export const neverReads = broken((_, p) => p.apply("Mail", boundedSource(silent)));

const silent: BoundedSource<number, OffsetRange> = {
  name: "Silent",
  restriction: () => ({ from: 0, to: 1 }),
  split: (range) => [range],
  async *read() {
    yield await new Promise(() => {});
  },
};

export const strayError = broken((all) =>
  all
    .apply(
      "Notify",
      tap((n) => {
        if (n === 0) setTimeout(() => throwOutside(), 50);
      }),
    )
    .apply(
      "Wait",
      asyncMap((n, { signal }) => setTimeoutPromise(20_000, n, { signal }), { concurrency: 10 }),
    ),
);

function throwOutside(): never {
  throw new Error("nobody catches this");
}

class Point {
  readonly x: number;

  constructor(x: number) {
    this.x = x;
  }
}

export const notEncodable = broken((all) =>
  all
    .apply(
      "Points",
      map((n) => new Point(n)),
    )
    .apply("Key", withKeys("all"))
    .apply("Group", groupByKey()),
);

const wavering: Coder<number> = { ...numberCoder, name: "wavering", deterministic: false };

export const keyNotDeterministic = broken((all) => all.apply("Coded", withCoder(wavering)).apply("Once", distinct()));

export const twoStepsWithOneName = broken((all) =>
  all
    .apply(
      "Half",
      map((n) => n / 2),
    )
    .apply(
      "Half",
      map((n) => n / 2),
    ),
);

export const unsteady = broken((all) =>
  all.apply(
    `Half${Math.random()}`,
    map((n) => n / 2),
  ),
);

export const workerDies = broken((all) =>
  all.apply(
    "Half",
    map((n) => {
      if (n === 2_000 && !isMainThread) process.exit(3);
      return n / 2;
    }),
  ),
);

/** Gives up the rights of root, if it has them, who may read everything. */
export const unreadable = definePipeline(
  import.meta.url,
  { options: { ...options, input: { type: "string", required: true } } },
  (p, { input, output }) => {
    if (process.getuid?.() === 0) process.seteuid!(65_534);
    p.apply("Read", readText(input)).apply("Write", writeText(output));
  },
);

/** Which element a thread works on first depends on which part of the source comes first. */
let isWaiting = false;

export const waits = broken((all) =>
  all.apply(
    "Wait",
    asyncMap(
      (n, { signal }) => {
        if (!isWaiting) console.log("waiting");
        isWaiting = true;
        return setTimeoutPromise(20_000, n, { signal });
      },
      { concurrency: 10 },
    ),
  ),
);
