import { create, definePipeline, type Pipeline, type PipelineResult, type RunningPipeline } from "millrace";
import { runner } from "./inputs.ts";
import { is } from "./is.ts";

const wordCount = definePipeline(
  import.meta.url,
  {
    options: {
      input: { type: "string", required: true, help: "x" },
      output: { type: "string", default: "counts.txt" },
      n: { type: "number" },
      verbose: { type: "boolean", default: false },
      mode: { type: "choice", choices: ["fast", "safe"], default: "fast" },
      every: { type: "duration", default: "5s" },
      tags: { type: "string", list: true },
      modes: { type: "choice", choices: ["a", "b"], list: true },
    },
  },
  (p, options) => {
    is<Pipeline>()(p);
    is<string>()(options.input);
    is<string>()(options.output);
    is<number | undefined>()(options.n);
    is<boolean>()(options.verbose);
    is<"fast" | "safe">()(options.mode);
    is<number>()(options.every);
    is<readonly string[]>()(options.tags);
    is<readonly ("a" | "b")[]>()(options.modes);
    // @ts-expect-error no such option
    is<unknown>()(options.nothing);
  },
);

export const runs = async (): Promise<void> => {
  is<Promise<PipelineResult>>()(runner.run(wordCount, { input: "a" }));
  is<RunningPipeline>()(runner.start(wordCount, { input: "a" }));
  await runner.run(wordCount, { input: "a", mode: "safe" }, { signal: AbortSignal.timeout(1) });
  // @ts-expect-error a required option is missing
  await runner.run(wordCount);
  // @ts-expect-error a required option is missing
  runner.start(wordCount);
  // @ts-expect-error an option of another type
  await runner.run(wordCount, { input: 3 });
  // @ts-expect-error no such choice
  await runner.run(wordCount, { input: "a", mode: "other" });
  // @ts-expect-error no such setting
  await runner.run(wordCount, { input: "a" }, { clok: "virtual" });

  const plain = definePipeline(import.meta.url, (p) => {
    p.apply("A", create([1]));
  });
  await runner.run(plain);
  await runner.run(plain, {}, { signal: AbortSignal.timeout(1) });
  await runner.run((p) => {
    is<Pipeline>()(p);
  });
  runner.start((p) => {
    p.apply(create([1]));
  }, {});
  // @ts-expect-error options where none are declared
  await runner.run(plain, { n: 3 });
  // @ts-expect-error options where none are declared
  await runner.run((p) => void p.apply(create([1])), { n: 3 });

  const nightly = definePipeline(import.meta.url, { name: "Nightly" }, (p, options) => {
    is<Pipeline>()(p);
    is<{}>()(options);
  });
  await runner.run(nightly);
  const hourly = definePipeline(import.meta.url, { name: "Hourly", options: { n: { type: "number" } } }, (_, options) => {
    is<number | undefined>()(options.n);
  });
  await runner.run(hourly, { n: 3 });
};

// @ts-expect-error a default of another type
definePipeline(import.meta.url, { options: { n: { type: "number", default: "x" } } }, () => {});
// @ts-expect-error required, and a default
definePipeline(import.meta.url, { options: { n: { type: "number", required: true, default: 3 } } }, () => {});
// @ts-expect-error no such type
definePipeline(import.meta.url, { options: { n: { type: "nmber" } } }, () => {});
