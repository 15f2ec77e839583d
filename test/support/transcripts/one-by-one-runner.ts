import type { CollectNode, KV, PipelineDefinition, Runner, TestStreamEvent, TestStreamNode } from "millrace";
import { graphOf } from "../../sdk/support/graph.ts";
import type { KeyedPane } from "./pipeline.ts";
import type { Scalar } from "./transcript.ts";

/**
 * Knows one windowing only, whatever the pipeline says: fixed(10), repeatedly(afterCount(1)), discarding, no lateness, onTime
 * ifNonEmpty. So each element is a pane of its own. It is so plain that a test of the transcripts' own tools can lean on it.
 */
export const oneByOneRunner = (): Runner => {
  const start = (pipeline: PipelineDefinition<never>, options: never) => {
    const { nodes } = graphOf((p) => pipeline.build(p, options));
    const { events, onQuiet } = nodes.find(({ kind }) => kind === "testStream") as TestStreamNode;
    const { observer } = nodes.find(({ kind }) => kind === "collect") as CollectNode;
    const panes = new OneByOne();
    const metrics = ({ name }: { readonly name: string }) => [{ committed: name === "dropped_late" ? panes.dropped : 0 }];
    const play = async (): Promise<void> => {
      await Promise.resolve(); // a run starts after start() has returned
      for (const [i, event] of events.entries()) {
        observer!.next(panes.after(event));
        onQuiet!(i);
      }
    };
    return { metrics, done: play() };
  };
  return { start } as unknown as Runner;
};

class OneByOne {
  dropped = 0;
  #watermark = -Infinity;
  readonly #counts = new Map<string, number>();

  after(event: TestStreamEvent): readonly KeyedPane[] {
    if (event.kind === "watermark") this.#watermark = event.to;
    if (event.kind !== "elements") return [];
    return event.elements.flatMap(({ value, timestamp }) => this.#paneOf(value as KV<string, Scalar>, timestamp));
  }

  #paneOf([key, value]: KV<string, Scalar>, time: number): readonly KeyedPane[] {
    const start = Math.floor(time / 10) * 10;
    const timestamp = start + 9;
    if (timestamp < this.#watermark) {
      this.dropped++;
      return [];
    }
    const place = `${key} ${start}`;
    const index = this.#counts.get(place) ?? 0;
    this.#counts.set(place, index + 1);
    const window = `[${start},${start + 10})`;
    return [{ key, window, values: [value], timing: "EARLY", index, nonSpeculative: -1, timestamp, first: index === 0, last: false }];
  }
}
