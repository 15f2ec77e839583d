import type { Runner, RunningPipeline } from "millrace";
import { droppedIn } from "../../../runners/conformance/cases/support.ts";
import pipeline, { watching, type KeyedPane } from "./pipeline.ts";
import type { Dropped } from "./transcript.ts";

/** What came of an action. */
export interface Observation {
  /** What came out since the action before. */
  readonly panes: readonly KeyedPane[];
  /** What was dropped since the start. */
  readonly dropped: Dropped;
}

/** Replays a transcript. @returns what came of each event, and of the end of the stream where it has none in the transcript. */
export async function observe(runner: Runner, file: string, place: number, variation: number): Promise<readonly Observation[]> {
  const observations: Observation[] = [];
  const panes: KeyedPane[] = [];
  let running!: RunningPipeline;
  watching.watcher = {
    next: (more) => void panes.push(...more),
    onQuiet(event) {
      if (event !== observations.length) throw new Error(`event ${event} is over, and ${observations.length} should be`);
      observations.push({ panes: panes.splice(0), dropped: droppedIn(running) });
    },
  };
  try {
    running = runner.start(pipeline, { file, place, variation });
    await running.done;
  } finally {
    watching.watcher = undefined;
  }
  return observations;
}
