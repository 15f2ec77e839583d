import { PipelineError } from "../../../sdk/errors.ts";
import { progressBetween, start, type Sample } from "./progress.ts";
import type { View } from "./view.ts";

/** One JSON object a line, for programs: `progress` once a second, and `result` at the end. */
export function jsonView(print: (line: string) => void): View {
  let before = start;
  return {
    every: 1_000,
    update(now) {
      print(JSON.stringify({ event: "progress", ...countsOf(before, now) }));
      before = now;
    },
    end(now, { pipeline, state, error }) {
      const failure = state === "FAILED" ? { error: errorData(error) } : {};
      print(JSON.stringify({ event: "result", pipeline, state, ...failure, ...countsOf(start, now) }));
    },
  };
}

const countsOf = (before: Sample, now: Sample) => ({
  seconds: Math.round(now.at) / 1_000,
  steps: progressBetween(before, now).map(({ path, ...counts }) => ({ step: path, ...counts })),
});

function errorData(error: unknown): object {
  if (error instanceof PipelineError) {
    const { what, at, got, fix, cause } = error.parts;
    return { code: error.code, what, at, got, fix, ...(cause === undefined ? {} : { cause: errorData(cause) }) };
  }
  return error instanceof Error ? { name: error.name, message: error.message, stack: error.stack } : { message: String(error) };
}
