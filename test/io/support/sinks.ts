import { GraphBuilder } from "../../../sdk/graph-builder.ts";
import type { PCollection, PTransform } from "../../../sdk/pipeline.ts";
import type { Sink, SinkWriter } from "../../../sdk/sink.ts";
import { create } from "../../../sdk/transforms/create.ts";
import type { WrittenFile } from "../../../io/files/publish.ts";

/** The sink in what writes files. */
export function sinkOf<T>(write: PTransform<PCollection<T>, PCollection<string>>): Sink<T, readonly WrittenFile[]> {
  const builder = new GraphBuilder();
  builder.pipeline.apply(create<T>([])).apply(write);
  const node = builder.freeze().nodes.find(({ kind }) => kind === "sink");
  if (node?.kind !== "sink") throw new Error("no sink");
  return node.sink as unknown as Sink<T, readonly WrittenFile[]>;
}

/** Opens one writer of a sink. */
export async function openOf<T>(
  sink: Sink<T, readonly WrittenFile[]>,
  { shard = 0, signal = new AbortController().signal } = {},
): Promise<SinkWriter<T, readonly WrittenFile[]>> {
  return sink.open({ shard, epoch: 0, signal });
}

/** Writes bundles with the first writer of a sink; aborts it, as a run does, when that fails. */
export async function writtenBy<T>(
  sink: Sink<T, readonly WrittenFile[]>,
  ...bundles: readonly (readonly T[])[]
): Promise<readonly WrittenFile[]> {
  const abort = new AbortController();
  try {
    const writer = await openOf(sink, { signal: abort.signal });
    for (const bundle of bundles) await writer.write(bundle);
    return await writer.finish();
  } catch (error) {
    abort.abort();
    throw error;
  }
}

/** Writes bundles with the first writer of a sink, and commits; answers the names of the files. */
export async function write<T>(
  transform: PTransform<PCollection<T>, PCollection<string>>,
  ...bundles: readonly (readonly T[])[]
): Promise<readonly string[]> {
  const sink = sinkOf(transform);
  const files = await writtenBy(sink, ...bundles);
  await sink.commit([files]);
  return files.map(({ final }) => final);
}
