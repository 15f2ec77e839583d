import { readFileSync } from "node:fs";
import {
  definePipeline,
  groupByKey,
  map,
  type CollectObserver,
  type ElementContext,
  type KV,
  type PCollection,
  type PTransform,
  type TestStreamNode,
} from "millrace";
import { windowed } from "../../../runners/conformance/cases/windowed.ts";
import { windowText } from "../../../runners/conformance/cases/support.ts";
import { builderOf } from "../../../sdk/graph-builder.ts";
import { playing } from "../../../sdk/testing/test-stream.ts";
import { expansionOf } from "../../../sdk/transform.ts";
import { parseTranscripts } from "./parse.ts";
import { Playback, variations } from "./playback.ts";
import type { PaneFacts, Scalar, Transcript } from "./transcript.ts";

/** A pane of one key. */
export interface KeyedPane extends PaneFacts {
  readonly key: string;
}

/** Who looks at a run: at what comes out, and at when an event is over. */
export interface Watcher {
  readonly next: (panes: readonly KeyedPane[]) => void;
  readonly onQuiet: NonNullable<TestStreamNode["onQuiet"]>;
}

/** Looks at the graph that is built next on this thread. A worker thread has none: what it makes goes to the one that called the run. */
export const watching: { watcher: Watcher | undefined } = { watcher: undefined };

const files = new Map<string, readonly Transcript[]>();

/** The transcripts of a file, which is read once on each thread. */
export function transcriptsIn(file: string): readonly Transcript[] {
  const known = files.get(file);
  if (known !== undefined) return known;
  const transcripts = parseTranscripts(readFileSync(file, "utf8"), file);
  files.set(file, transcripts);
  return transcripts;
}

/** A transcript as a pipeline, which a worker thread builds anew from where it stands: the file and its place in it. */
export default definePipeline(
  import.meta.url,
  {
    options: {
      file: { type: "string", required: true },
      place: { type: "number", required: true },
      variation: { type: "number", required: true },
    },
  },
  (p, { file, place, variation }) => {
    const { windowFn, settings, steps } = transcriptsIn(file)[place]!;
    const { script } = Playback.of(
      steps.map(({ action }) => action),
      variations[variation]!,
    );
    const { watcher } = watching;
    p.apply(playing({ main: undefined }, script, ({ main }) => main as PCollection<KV<string, Scalar>>, watcher?.onQuiet)).pipe(
      windowed(windowFn, settings),
      groupByKey(),
      map(factsOf),
      observedBy(watcher),
    );
  },
);

const factsOf = ([key, values]: KV<string, Iterable<Scalar>>, { window, timestamp, pane }: ElementContext): KeyedPane => ({
  key,
  window: windowText(window),
  values: [...values],
  timing: pane.timing,
  index: pane.index,
  nonSpeculative: pane.nonSpeculativeIndex,
  timestamp,
  first: pane.isFirst,
  last: pane.isLast,
});

const observedBy = (watcher: Watcher | undefined): PTransform<PCollection<KeyedPane>, void> =>
  expansionOf({
    name: "Observe",
    spec: undefined,
    expand(input: PCollection<KeyedPane>) {
      const builder = builderOf(input);
      const from = builder.collectionOf(input);
      const observer: CollectObserver = { next: (panes) => watcher?.next(panes as readonly KeyedPane[]), end: () => {} };
      builder.add({ kind: "collect", observer }, [from.id], from, {});
    },
  });
