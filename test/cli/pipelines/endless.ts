import { rmSync, writeFileSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
import { boundedSource, definePipeline, writeTo, type BoundedSource, type OffsetRange, type Sink } from "millrace";

/** Runs until it is cancelled, and has a temporary file meanwhile. It prints `running` when there is something to cancel. */
export default definePipeline(
  import.meta.url,
  {
    options: {
      output: { type: "string", required: true },
      stubborn: { type: "boolean", default: false, help: "wait in a read for a minute, whatever happens" },
    },
  },
  (p, { output, stubborn }) => {
    p.apply(boundedSource(stubborn ? deaf : ticks)).apply(writeTo(temporaryFile(output)));
  },
);

const ticks: BoundedSource<number, OffsetRange> = {
  name: "Ticks",
  restriction: () => ({ from: 0, to: Number.MAX_SAFE_INTEGER }),
  split: (range) => [range],
  async *read({ from }, tracker) {
    for (let at = from; tracker.tryClaim(at); at++) {
      yield { values: [at] };
      await setTimeout(5);
    }
  },
};

const deaf: BoundedSource<number, OffsetRange> = {
  ...ticks,
  async *read() {
    console.log("running");
    yield { values: await setTimeout(60_000, []) };
  },
};

const temporaryFile = (output: string): Sink<number, string> => ({
  name: "TemporaryFile",
  open: ({ signal }) => {
    writeFileSync(`${output}.tmp`, "");
    signal.addEventListener("abort", () => rmSync(`${output}.tmp`));
    return {
      write: (values) => {
        if (values.includes(0)) console.log("running");
      },
      finish: () => Promise.resolve(output),
    };
  },
  commit: () => Promise.resolve(),
});
