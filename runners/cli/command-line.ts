import { parseArgs, type ParseArgsConfig } from "node:util";
import { wrongUse } from "./wrong-use.ts";

/** What `--runner` takes. */
export const runnerNames = ["direct", "rxjs", "threads"] as const;
/** The name of a runner. */
export type RunnerName = (typeof runnerNames)[number];

/** What `--format` takes. */
export const formats = ["text", "mermaid", "json"] as const;
/** How a graph is printed. */
export type Format = (typeof formats)[number];

/** `MODULE[#export]`, and what stands behind `--`. */
export interface Target {
  readonly module: string;
  readonly exportName: string | undefined;
  /** The pipeline's own options, as they were typed. */
  readonly options: readonly string[];
}

/** `millrace run`. */
export interface RunCommand extends Target {
  readonly kind: "run";
  readonly runner: RunnerName;
  readonly threads: number | undefined;
  /** What is shown of the run while it goes on. */
  readonly show: "progress" | "json" | "nothing";
  /** Every step, and errors with every frame. */
  readonly isVerbose: boolean;
}

/** `millrace explain`. */
export interface ExplainCommand extends Target {
  readonly kind: "explain";
  readonly format: Format;
}

/** `millrace verify`. */
export interface VerifyCommand extends Target {
  readonly kind: "verify";
  /** Those that are compared, each with the first. */
  readonly runners: readonly RunnerName[];
  readonly threads: number | undefined;
  readonly isJson: boolean;
}

/** What a command line asks for. */
export type Command = { readonly kind: "help" | "version" } | RunCommand | ExplainCommand | VerifyCommand;

/**
 * Reads a command line.
 *
 * @param args - without the program and its script.
 * @throws PipelineError `BAD_COMMAND` or `UNKNOWN_OPTION`, with what would be right.
 */
export function commandOf(args: readonly string[]): Command {
  const border = args.indexOf("--");
  const [own, options] = border < 0 ? [args, []] : [args.slice(0, border), args.slice(border + 1)];
  const [name, ...rest] = own;
  switch (name) {
    case "run":
      return runCommand(rest, options);
    case "explain":
      return explainCommand(rest, options);
    case "verify":
      return verifyCommand(rest, options);
    case undefined:
      throw wrongUse("there is no command", "millrace run MODULE, or millrace --help");
    case "help":
      return { kind: "help" };
    default:
      return name.startsWith("-") ? withoutCommand(own) : unknownCommand(name);
  }
}

function withoutCommand(args: readonly string[]): Command {
  const { values } = parsed("", args, { ...help, version: { type: "boolean", short: "v" } });
  if (values.version === true) return { kind: "version" };
  if (values.help === true) return { kind: "help" };
  throw wrongUse("there is no command", "millrace run MODULE, or millrace --help");
}

function unknownCommand(name: string): never {
  throw wrongUse(
    `there is no command "${name}"`,
    "millrace run MODULE, millrace explain MODULE, millrace verify MODULE, or millrace --help",
  );
}

function runCommand(args: readonly string[], options: readonly string[]): Command {
  const { values, positionals } = parsed("run", args, {
    ...help,
    runner: { type: "string" },
    threads: { type: "string" },
    quiet: { type: "boolean" },
    json: { type: "boolean" },
    verbose: { type: "boolean" },
  });
  if (values.help === true) return { kind: "help" };
  if (values.quiet === true && values.json === true) throw wrongUse("--quiet and --json exclude each other", "leave one of them out");
  const runner = oneOf("--runner", runnerNames, values.runner ?? "direct");
  return {
    kind: "run",
    ...targetOf(positionals, options),
    runner,
    threads: threadsOf(values.threads, [runner]),
    show: values.json === true ? "json" : values.quiet === true ? "nothing" : "progress",
    isVerbose: values.verbose === true,
  };
}

function explainCommand(args: readonly string[], options: readonly string[]): Command {
  const { values, positionals } = parsed("explain", args, { ...help, format: { type: "string" } });
  if (values.help === true) return { kind: "help" };
  return { kind: "explain", ...targetOf(positionals, options), format: oneOf("--format", formats, values.format ?? "text") };
}

function verifyCommand(args: readonly string[], options: readonly string[]): Command {
  const { values, positionals } = parsed("verify", args, {
    ...help,
    runners: { type: "string" },
    threads: { type: "string" },
    json: { type: "boolean" },
  });
  if (values.help === true) return { kind: "help" };
  const names = (values.runners ?? runnerNames.join(",")).split(",").map((name) => oneOf("--runners", runnerNames, name));
  const runners = [...new Set(names)];
  if (runners.length < 2) throw wrongUse("--runners takes two runners or more, to be compared", `--runners ${runnerNames.join(",")}`);
  return {
    kind: "verify",
    ...targetOf(positionals, options),
    runners,
    threads: threadsOf(values.threads, runners),
    isJson: values.json === true,
  };
}

const help = { help: { type: "boolean", short: "h" } } as const;

/** `parseArgs`, with errors that say how to go on. */
function parsed<const O extends NonNullable<ParseArgsConfig["options"]>>(command: string, args: readonly string[], options: O) {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: command !== "" });
  } catch (error) {
    const { code, message } = error as Error & { readonly code?: string };
    const what = message.split(". ")[0]!.replace(/^./, (first) => first.toLowerCase());
    if (code !== "ERR_PARSE_ARGS_UNKNOWN_OPTION") throw wrongUse(what, "see millrace --help");
    const flags = Object.keys(options).map((name) => `--${name}`);
    const behind = command === "" ? "" : `; options of the pipeline stand behind --: millrace ${command} MODULE -- --input …`;
    throw wrongUse(what, `there are ${flags.join(", ")}${behind}`, "UNKNOWN_OPTION");
  }
}

function targetOf(positionals: readonly string[], options: readonly string[]): Target {
  const [target, ...more] = positionals;
  if (target === undefined) throw wrongUse("the module of the pipeline is missing", "millrace run MODULE[#export]");
  if (more.length > 0) {
    throw wrongUse(`there is more than one module: ${positionals.join(", ")}`, "options of the pipeline stand behind --");
  }
  // What follows the last # is an export's name, unless it can only be part of a path.
  const [, module, exportName] = /^(.+)#([^#/\\.]+)$/.exec(target) ?? [undefined, target, undefined];
  return { module: module!, exportName, options };
}

function oneOf<const T extends string>(flag: string, names: readonly T[], given: string): T {
  const found = names.find((name) => name === given);
  if (found === undefined) throw wrongUse(`${flag} takes one of ${names.join(", ")}, not "${given}"`, `${flag} ${names[0]}`);
  return found;
}

function threadsOf(text: string | undefined, runners: readonly RunnerName[]): number | undefined {
  if (text === undefined) return undefined;
  const threads = Number(text);
  if (!Number.isInteger(threads) || threads < 1 || threads > 128)
    throw wrongUse(`--threads takes a whole number from 1 to 128, not "${text}"`, "--threads 4");
  if (runners.includes("threads")) return threads;
  const [runner, ...more] = runners;
  if (more.length === 0) throw wrongUse(`--threads has no meaning on the runner "${runner}"`, `--runner threads --threads ${threads}`);
  throw wrongUse("--threads has no meaning without the runner threads", `--runners ${runners.join(",")},threads --threads ${threads}`);
}
