import type { OptionSpec } from "../../sdk/options.ts";
import { variableOf, type Declared } from "./pipeline-options.ts";

/** What `millrace --help` prints. */
export const helpText = `millrace runs data pipelines that are defined in a module.

  millrace run MODULE[#export] [flags] [-- OPTIONS]
      runs the pipeline that the module exports: the export of that name, else the default one, else the only one
      --runner direct|rxjs|threads   where it runs; direct unless given
      --threads N                    how many threads, for --runner threads
      --quiet                        print nothing but errors
      --json                         print progress and the result to stdout, one JSON object a line
      --verbose                      show every step, and errors with all of their stack

      at its end it prints what each step did, and the metrics that steps keep themselves

  millrace explain MODULE[#export] [--format text|mermaid|json] [-- OPTIONS]
      prints the pipeline's graph, and runs nothing

  millrace verify MODULE[#export] [flags] [-- OPTIONS]
      runs the pipeline on each runner and compares what its groupings give and what its sinks would write; nothing is written
      --runners direct,rxjs,threads  which ones; all three unless given
      --threads N                    how many threads, where threads is one of them
      --json                         print the report as JSON

  millrace run MODULE -- --help      prints the options that the pipeline declares
  millrace --help, --version

Options of the pipeline: --name value, --name=value, --flag, --no-flag; a list by repeating; durations as 250ms, 5s,
1m, 2h or 1d. An option that is secret may come from the environment instead, as MILLRACE_NAME.

Exit codes: 0 done; 1 the pipeline failed, or runners differ; 2 wrong use, or nothing could be compared; 130 Ctrl-C: the run was cancelled and has
published nothing (a second Ctrl-C does not wait for that); 143 the same by SIGTERM.
`;

/** What `-- --help` prints: the options that a pipeline declares, in their order. */
export function optionsHelp(pipeline: string, declared: Declared): string {
  const lines = Object.entries(declared).map(([name, spec]) => [usageOf(name, spec), textOf(name, spec)] as const);
  if (lines.length === 0) return `${pipeline} declares no options.\n`;
  const width = Math.max(...lines.map(([usage]) => usage.length));
  return `options of ${pipeline}:\n\n${lines.map(([usage, text]) => `  ${usage.padEnd(width)}  ${text}`.trimEnd()).join("\n")}\n`;
}

function usageOf(name: string, spec: OptionSpec): string {
  if (spec.type === "boolean") return `--[no-]${name}`;
  const value = spec.type === "choice" ? spec.choices.join("|") : `<${spec.type}>`;
  return `--${name} ${value}`;
}

function textOf(name: string, spec: OptionSpec): string {
  const notes = [
    ...(spec.required === true ? ["required"] : []),
    ...(spec.list === true ? ["may be repeated"] : []),
    ...(spec.default === undefined ? [] : [`default: ${defaultOf(spec)}`]),
    ...(spec.secret === true ? [`secret; also from ${variableOf(name)}`] : []),
  ];
  const note = notes.length === 0 ? "" : `(${notes.join("; ")})`;
  return [spec.help ?? "", note].filter((part) => part !== "").join(" ");
}

function defaultOf(spec: OptionSpec): string {
  if (spec.secret === true) return "set";
  const values: readonly unknown[] = Array.isArray(spec.default) ? spec.default : [spec.default];
  return values.map((value) => (spec.type === "duration" && typeof value === "number" ? `${value}ms` : String(value))).join(", ") || "none";
}
