import { PipelineError, shortText } from "./errors.ts";
import type { Node, SinkNode } from "./graph.ts";

/**
 * Refuses a graph in which two sinks write to one place: the second commit would replace, without a word, what the first has
 * published.
 */
export function mustWriteApart(nodes: readonly Node[]): void {
  const writers = new Map<string, SinkNode>();
  for (const node of nodes) {
    if (node.kind !== "sink" || node.sink.place === undefined) continue;
    const { name, mayShare = false } = node.sink.place;
    const other = writers.get(name);
    if (other === undefined) writers.set(name, node);
    else if (!mayShare || other.sink.place?.mayShare !== true) throw inOnePlace(name, other, node);
  }
}

const inOnePlace = (place: string, first: SinkNode, second: SinkNode): PipelineError =>
  new PipelineError("DUPLICATE_SINK", {
    what: "two steps write to one place, and one would replace what the other has written",
    at: second.path,
    got: `${shortText(place)}, to which "${first.path}" writes as well`,
    fix: "write to places of their own, or flatten the collections and write them by one step",
  });
