import { parentPort } from "node:worker_threads";
import { isDefinition } from "../../sdk/definition.ts";
import { PipelineError } from "../../sdk/errors.ts";
import type { Batch } from "../core/batch.ts";
import type { Bundle, BundleResult } from "../core/bundle.ts";
import { EncodableCheck } from "../core/encodable.ts";
import { BundleExecutor } from "../core/executor.ts";
import { fingerprintOf } from "../core/fingerprint.ts";
import { counted } from "../core/metric-container.ts";
import { loadPanes, needsPanes } from "../core/groupings/load-panes.ts";
import { planStages, type Plan } from "../core/plan.ts";
import type { TemporaryStorage } from "../core/ports.ts";
import { becomeWorker } from "../core/run.ts";
import type { Woken } from "../core/rests.ts";
import { buildAnyGraph } from "../core/taps.ts";
import { Views } from "../core/side-inputs/views.ts";
import { wallClock } from "../node/clock.ts";
import { chance } from "../node/random.ts";
import { storageIn } from "../node/temporary-storage.ts";
import { loadModule } from "../node/load-module.ts";
import { BatchCodec } from "./batch-codec.ts";
import { encodeError } from "./error-codec.ts";
import { Exchange } from "./exchange.ts";
import type { FromWorker, Numbered, RoutedBatch, ToWorker } from "./protocol.ts";

/** What a worker has of the run that it works for. */
interface CurrentRun {
  readonly executor: BundleExecutor;
  readonly codec: BatchCodec;
  /** Nothing before the workers have met. */
  exchange: Exchange | undefined;
  /** Looks at batches that are not encoded, since they stay here. */
  readonly check: EncodableCheck;
  readonly plan: Plan;
  readonly views: Views;
  readonly storage: TemporaryStorage | undefined;
  readonly ending: AbortController;
}

const port = parentPort!;
let run: CurrentRun | undefined;

becomeWorker();
// Whoever ends this thread before its run is over, writers take back what they wrote: nobody else knows where it is.
process.on("exit", () => run?.ending.abort());
port.on("message", ({ number, message }: Numbered<ToWorker>) => {
  const reply = (given: FromWorker): void => port.postMessage({ number, message: given } satisfies Numbered<FromWorker>);
  answer(message)
    .then(reply)
    .catch((error: unknown) => reply({ kind: "failed", error: encodeError(error) }));
});

async function answer(message: ToWorker): Promise<FromWorker> {
  switch (message.kind) {
    case "begin":
      return begin(message);
    case "meet":
      return meet(message, run!);
    case "run":
      return { kind: "done", result: await runBundle(message.bundle, run!) };
    case "committed":
      await run!.executor.committed(message);
      return { kind: "told" };
    case "view":
      run!.views.put(message.view, run!.codec.decode(message.pane));
      return { kind: "shown" };
    case "forget":
      run!.views.forget(message.view, message.endsBefore);
      return { kind: "forgotten" };
    case "end":
      return end(message.hasFailed);
  }
}

/** The worker builds its own copy of the graph, so that no function has to be serialised. */
async function begin(message: Extract<ToWorker, { kind: "begin" }>): Promise<FromWorker> {
  const { url, exportName, options: given, cut, isStrict, hasTaps, temporaryFolder } = message;
  const definition = (await loadModule(url))[exportName];
  if (!isDefinition(definition)) {
    throw new PipelineError("PIPELINE_NOT_EXPORTED", {
      what: `on a worker thread the module has no pipeline "${exportName}", though it has one on the main thread`,
      at: url,
      fix: "export the definition on every thread, whatever else the module does",
    });
  }
  const { graph, options } = buildAnyGraph(definition, given, hasTaps);
  const plan = planStages(graph, cut.partitions ?? 1);
  const ending = new AbortController();
  const views = new Views(plan.views);
  const storage = temporaryFolder === undefined ? undefined : storageIn(temporaryFolder);
  const codec = new BatchCodec(plan);
  run = {
    executor: new BundleExecutor({
      plan,
      options,
      clock: wallClock,
      random: chance,
      storage,
      cut,
      staysHere: false,
      isStrict,
      views,
      makePanes: needsPanes(plan) ? await loadPanes() : undefined,
      signal: ending.signal,
      onWake: (woken) => port.postMessage(woken satisfies Woken),
    }),
    plan,
    codec,
    exchange: undefined,
    check: new EncodableCheck(plan, isStrict),
    views,
    storage,
    ending,
  };
  return { kind: "begun", fingerprint: fingerprintOf(graph) };
}

function meet({ worker, peers }: Extract<ToWorker, { kind: "meet" }>, current: CurrentRun): FromWorker {
  const { codec, check, plan } = current;
  current.exchange = new Exchange({ worker, peers, stages: plan.stages.length, codec, check, clock: wallClock });
  return { kind: "met" };
}

async function end(hasFailed: boolean): Promise<FromWorker> {
  const ended = run;
  run = undefined;
  if (hasFailed) ended?.ending.abort();
  await ended?.executor.close();
  ended?.exchange?.close();
  await ended?.storage?.close();
  await printed();
  return { kind: "ended" };
}

/** Resolves when the main thread has what was printed here: it passes all of it on, and may end right after the run. */
const printed = (): Promise<unknown> =>
  Promise.all([process.stdout, process.stderr].map((stream) => new Promise<void>((resolve) => stream.write("", () => resolve()))));

/** At once where all batches are here. */
async function runBundle(bundle: Bundle<RoutedBatch>, { executor, exchange, codec, plan }: CurrentRun): Promise<BundleResult<RoutedBatch>> {
  const batches: Batch[] = [];
  for (const routed of bundle.batches) {
    const batch = exchange!.take(routed);
    batches.push(batch instanceof Promise ? await batch : batch);
  }
  const given = givenBy(await executor.run({ ...bundle, batches }), exchange!, codec);
  return { ...given, metrics: [...given.metrics, ...counted(plan.stages[bundle.stage]!.path, "exchange_ms", exchange!.takeMs())] };
}

const givenBy = (result: BundleResult, exchange: Exchange, codec: BatchCodec): BundleResult<RoutedBatch> => ({
  ...result,
  batches: result.batches.map((batch) => exchange.give(batch)),
  residuals: result.residuals.map((batch) => exchange.give(batch)),
  resting: result.resting.map((each) => ({ ...each, batch: exchange.give(each.batch) })),
  blocked: result.blocked.map((each) => ({ ...each, batch: exchange.give(each.batch) })),
  committables: result.committables.map((each) => codec.encodeCommittable(result.stage, each)),
});
