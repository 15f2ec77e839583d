import type { Logger, RunningPipeline, RunSettings } from "../../sdk/running.ts";
import { buildGraph } from "../core/build-graph.ts";
import { isEndless } from "../core/endless.ts";
import type { RunCommand } from "./command-line.ts";
import { report } from "./errors/report.ts";
import { watchFaults } from "./faults.ts";
import { keysOf } from "./keys.ts";
import { runnerNamed } from "./runner-named.ts";
import { watchSignals } from "./signals.ts";
import { chosenBy, type Chosen } from "./target.ts";
import { exitCodeOf } from "./wrong-use.ts";
import { jsonView } from "./view/json-view.ts";
import { liveView } from "./view/live-view.ts";
import { noView, plainView } from "./view/plain-view.ts";
import { shapeOf, unknownShape, type Shape } from "./view/shape.ts";
import { watch, type View } from "./view/view.ts";

/** `millrace run`: runs a pipeline, shows it, and answers the exit code. */
export async function run(command: RunCommand): Promise<number> {
  const chosen = await chosenBy(command);
  if (chosen === undefined) return 0;
  const { definition, options } = chosen;
  const runner = await runnerNamed(command.runner, command.threads);
  const say = (text: string): unknown => command.show === "nothing" || process.stderr.write(`${text}\n`);
  let running: RunningPipeline | undefined;
  // What has no end is stopped: what was read is worked on, and published. A batch that is cut short publishes nothing.
  const end = (): void => {
    const ended = isWithoutEnd(chosen) ? running?.stop() : running?.cancel();
    ended?.catch(() => {}); // what it fails with is seen to below
  };
  const signals = watchSignals(() => {
    say(`millrace: ${isWithoutEnd(chosen) ? "stopping" : "cancelling"} the run; once more ends it at once`);
    end();
  });
  const faults = watchFaults();
  try {
    const settings: RunSettings = { signal: faults.signal, ...(command.show === "nothing" ? { logger: errorsOnly } : {}) };
    // The options have been checked against what the definition declares, which its type here does not say.
    running = runner.start(definition, options as Record<string, never>, settings);
    if (signals.exitCode() !== undefined) end(); // it came before there was a run
    const { state, error } = await watch(running, definition.name, viewOf(command, chosen), faults.fault);
    if (error !== undefined) report(error, command.isVerbose);
    if (state === "STOPPED") return 0;
    if (state !== "DONE") return signals.exitCode() ?? exitCodeOf(error);
    return error === undefined ? 0 : 1;
  } finally {
    signals.stop();
    faults.stop();
  }
}

function viewOf({ show, isVerbose }: RunCommand, chosen: Chosen): View {
  switch (show) {
    case "nothing":
      return noView;
    case "json":
      return jsonView((line) => process.stdout.write(`${line}\n`), { shape: shapeFor(chosen) });
    case "progress": {
      const options = { shape: shapeFor(chosen), isVerbose };
      if (!process.stderr.isTTY) return plainView((line) => process.stderr.write(`${line}\n`), options);
      const outputs = process.stdout.isTTY ? [process.stderr, process.stdout] : [process.stderr];
      return liveView(process.stderr, outputs, options, process.stdin.isTTY ? keysOf(process.stdin) : undefined);
    }
  }
}

/**
 * What a view has to know of the graph, from a graph of its own: a builder may be called as often as one likes, and a run
 * does not say what it has built. It comes after the run's, which so has the first call, and which tells what is wrong.
 */
function shapeFor({ definition, options }: Chosen): Shape {
  try {
    return shapeOf(buildGraph(definition, options).graph);
  } catch {
    return unknownShape;
  }
}

/** Whether a pipeline reads what has no end. */
function isWithoutEnd({ definition, options }: Chosen): boolean {
  try {
    return buildGraph(definition, options).graph.nodes.some(isEndless);
  } catch {
    return false; // the run says what is wrong
  }
}

const errorsOnly: Logger = {
  debug: () => {},
  info: () => {},
  warn: () => {},
  error: (text, fields) => console.error(text, ...(fields === undefined ? [] : [fields])),
};
