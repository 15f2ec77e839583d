import type { Graph } from "../../sdk/graph.ts";
import type { Logger, RunningPipeline } from "../../sdk/running.ts";
import { buildGraph } from "../core/build-graph.ts";
import { tapped, type TapSettings } from "../core/taps.ts";
import type { RunnerName, VerifyCommand } from "./command-line.ts";
import { report } from "./errors/report.ts";
import { watchFaults } from "./faults.ts";
import { runnerNamed } from "./runner-named.ts";
import { watchSignals } from "./signals.ts";
import { chosenBy, type Chosen } from "./target.ts";
import { compare } from "./verify/compare.ts";
import { contentsOf, type Contents } from "./verify/contents.ts";
import { jsonOf } from "./verify/json.ts";
import { isEmpty, verdictOf, type Report, type Verdict } from "./verify/report.ts";
import { mustBeRepeatable, scopeOf, type Subject } from "./verify/subjects.ts";
import { textOf } from "./verify/text.ts";
import { exitCodeOf } from "./wrong-use.ts";

/** `millrace verify`: runs a pipeline on several runners, prints what they have in common and what not, and answers the exit code. */
export async function verify(command: VerifyCommand): Promise<number> {
  const chosen = await chosenBy(command);
  if (chosen === undefined) return 0;
  const { graph } = buildGraph(chosen.definition, chosen.options);
  mustBeRepeatable(graph);
  const scope = scopeOf(graph, tapped(graph));
  const runs: Run[] = [];
  for (const name of scope.subjects.length === 0 ? [] : command.runners) {
    if (!command.isJson) process.stderr.write(`millrace: running on ${name}\n`);
    const run = await runOn(name, command, chosen, graph, scope.subjects);
    if (run.exitCode !== undefined) return run.exitCode;
    runs.push(run);
  }
  const done = runs.filter(({ error }) => error === undefined);
  const found: Report = {
    pipeline: chosen.definition.name,
    runners: done.map(({ name }) => name),
    failures: runs.flatMap(({ name, error }) => (error === undefined ? [] : { runner: name, error: error.error })),
    comparisons:
      done.length < 2
        ? []
        : scope.subjects.map((subject, i) =>
            compare(
              subject,
              done.map(({ contents }) => contents[i]!),
            ),
          ),
    notCompared: scope.notCompared,
    unseen: scope.unseen,
  };
  process.stdout.write(command.isJson ? `${JSON.stringify(jsonOf(found), undefined, 2)}\n` : textOf(found));
  for (const { runner, error } of found.failures) {
    process.stderr.write(`millrace: on ${runner}\n`);
    report(error);
  }
  return done.length === 0 && !isEmpty(found) ? exitCodeOf(found.failures[0]!.error) : exitCodes[verdictOf(found)];
}

const exitCodes: Readonly<Record<Verdict, number>> = { same: 0, different: 1, nothing: 2 };

/** A run that was looked into. */
interface Run {
  readonly name: RunnerName;
  /** By place among the subjects; nothing where it failed. */
  readonly contents: readonly Contents[];
  readonly error?: { readonly error: unknown };
  /** Where a signal has ended it. */
  readonly exitCode?: number;
}

async function runOn(
  name: RunnerName,
  { threads }: VerifyCommand,
  { definition, options }: Chosen,
  graph: Graph,
  subjects: readonly Subject[],
): Promise<Run> {
  const runner = await runnerNamed(name, threads);
  let running: RunningPipeline | undefined;
  const cancel = (): void => void running?.cancel().catch(() => {}); // what it fails with is seen to below
  const signals = watchSignals(cancel);
  const faults = watchFaults();
  try {
    const settings: TapSettings = { signal: faults.signal, hasTaps: true, logger: errorsOnly };
    // The options have been checked against what the definition declares, which its type here does not say.
    running = runner.start(definition, options as Record<string, never>, settings);
    if (signals.exitCode() !== undefined) cancel(); // it came before there was a run
    const result = await running.done;
    const fault = faults.fault();
    const exitCode = signals.exitCode();
    if (fault !== undefined) return { name, contents: [], error: fault };
    if (result.state !== "DONE" && exitCode !== undefined) return { name, contents: [], exitCode };
    return { name, contents: subjects.map((subject) => contentsOf(subject, result.collected(subject.tap.elements), graph)) };
  } catch (error) {
    return { name, contents: [], error: { error } };
  } finally {
    signals.stop();
    faults.stop();
  }
}

/** What a run warns of, `millrace run` and `millrace explain` say once; here it would come as often as there are runners. */
const errorsOnly: Logger = {
  debug: () => {},
  info: () => {},
  warn: () => {},
  error: (text, fields) => console.error(text, ...(fields === undefined ? [] : [fields])),
};
