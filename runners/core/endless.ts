import { PipelineError } from "../../sdk/errors.ts";
import type { Graph, Node } from "../../sdk/graph.ts";
import type { Head } from "./plan.ts";

/** Whether a step reads what has no end. */
export function isEndless(node: Node): boolean {
  if (node.kind !== "parDo" || node.fn.kind !== "read") return false;
  const { of } = node.fn;
  return of.kind === "source" ? !of.isBounded : of.doFn.unbounded === true;
}

/** Whether a stage reads parts each of which says how far event times have got. */
export function hasWatermarks(head: Head): boolean {
  if (head.kind !== "read") return false;
  const { of } = head;
  return (of.kind === "source" ? of.source.watermark : of.doFn.watermark) !== undefined;
}

/** Refuses sources without an end on a runner for bounded input. A splittable DoFn may go on later, if it comes to an end. */
export function refuseEndless({ nodes }: Graph, runner: string): void {
  const node = nodes.find((each) => isEndless(each) && each.kind === "parDo" && each.fn.kind === "read" && each.fn.of.kind === "source");
  if (node === undefined) return;
  throw new PipelineError("NOT_SUPPORTED", {
    what: `this source has no end, and the ${runner} runner runs what comes to one`,
    at: node.path,
    fix: "run the pipeline on rxjsRunner() or threadsRunner(), or put a testStream(…) in its place",
  });
}

/** Whether a run lives on the clock on the wall: it reads what has no end, and no test says what time it is. */
export function isLive({ nodes }: Graph): boolean {
  const stream = nodes.find(({ kind }) => kind === "testStream");
  const endless = nodes.find(isEndless);
  if (stream === undefined || endless?.kind !== "parDo" || endless.fn.kind !== "read") return stream === undefined && endless !== undefined;
  if (endless.fn.of.kind === "doFn") return false;
  throw new PipelineError("NOT_SUPPORTED", {
    what: "a pipeline has a test stream, which says what time it is, and a source without an end, which lives on the clock on the wall",
    at: endless.path,
    got: `the test stream ${stream.path}`,
    fix: "put a test stream in the place of the source as well",
  });
}
