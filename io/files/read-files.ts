import type { PCollection, Pipeline, PTransform } from "../../sdk/pipeline.ts";
import { ptransform } from "../../sdk/pipeline.ts";
import { boundedSource } from "../../sdk/transforms/bounded-source.ts";
import { readOf } from "../../sdk/transforms/source-steps.ts";
import { route } from "../../sdk/transforms/route.ts";
import { lettersOf, type BrokenRecord, type DeadLetters, type FailingRead } from "./broken-record.ts";
import type { ReadRecord } from "./record-chunk.ts";
import { outcomeSource, recordSource, type RecordSourceSpec } from "./record-source.ts";

/** What a read with dead letters gives. */
export interface ReadOutputs<out T> {
  /** What could be read. */
  readonly main: PCollection<T>;
  /** What could not, a dead letter for each line or row; their event time is `MIN_INSTANT`. */
  readonly failed: PCollection<BrokenRecord>;
}

/** Reads files record by record; gives what cannot be read as dead letters where the options say so. */
export function readFiles<T>(
  spec: RecordSourceSpec<T>,
  options: FailingRead | DeadLetters,
): PTransform<Pipeline, PCollection<T>> | PTransform<Pipeline, ReadOutputs<T>> {
  const letters = lettersOf(options);
  return letters === "none" ? boundedSource(recordSource(spec)) : readApart(spec, letters);
}

/** The read gives each record with what came of it, and one step behind it tells them apart. */
function readApart<T>(spec: RecordSourceSpec<T>, letters: "all" | "noUtf8"): PTransform<Pipeline, ReadOutputs<T>> {
  const apart = route<ReadRecord<T>, ReadOutputs<T>>(
    "Route",
    {
      tags: ["main", "failed"],
      call: (record) => (isBroken(record) ? 1 : 0),
      unwrap: (record) => (isBroken(record) ? record.broken : (record as { readonly value: T }).value),
      coderOf: (_, tag) => (tag === "main" ? spec.coder : undefined),
    },
    ({ main, failed }) => ({ main: main!, failed: failed! }),
  );
  return ptransform(spec.name, (p: Pipeline) => readOf(p, outcomeSource(spec, letters), true).apply(apart));
}

const isBroken = (record: unknown): record is { readonly broken: BrokenRecord } => Object.hasOwn(record as object, "broken");
