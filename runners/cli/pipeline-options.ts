import { shortText, type PipelineError } from "../../sdk/errors.ts";
import { optionValues, parseDuration, type OptionSpec } from "../../sdk/options.ts";
import { wrongUse } from "./wrong-use.ts";

/** The options that a pipeline declares. */
export type Declared = Readonly<Record<string, OptionSpec>>;
/** Options as a run takes them. */
export type GivenOptions = Readonly<Record<string, unknown>>;

/**
 * Reads a pipeline's options as they are typed: `--name value`, `--name=value`, `--flag`, `--no-flag`; a list by repeating.
 * A secret one that is not there is looked for in the environment, where nobody sees it in a list of processes.
 *
 * @throws PipelineError `UNKNOWN_OPTION` or `BAD_OPTION`; a secret's value is never in the text.
 */
export function optionsFrom(
  args: readonly string[],
  declared: Declared,
  environment: Readonly<Record<string, string | undefined>> = {},
): GivenOptions {
  const texts = textsFrom(args, declared);
  for (const [name, { secret }] of Object.entries(declared)) {
    const found = environment[variableOf(name)];
    if (secret === true && !texts.has(name) && found !== undefined && found !== "") texts.set(name, [found]);
  }
  const given = Object.fromEntries(Array.from(texts, ([name, values]) => [name, valueOf(name, declared[name]!, values)]));
  optionValues(declared, given); // checked here, so that a wrong one is no failure of the run
  return given;
}

/** Whether help is asked for, and not by a pipeline that has an option of this name. */
export const asksForHelp = (args: readonly string[], declared: Declared): boolean =>
  args.includes("--help") && !Object.hasOwn(declared, "help");

/** The environment variable of a secret option: `MILLRACE_API_KEY` for `apiKey` and `api-key`. */
export const variableOf = (name: string): string =>
  `MILLRACE_${name
    .replace(/([a-z\d])([A-Z])/g, "$1_$2")
    .replace(/\W/g, "_")
    .toUpperCase()}`;

/** What was typed for each option, once for each time it was. */
function textsFrom(args: readonly string[], declared: Declared): Map<string, string[]> {
  const texts = new Map<string, string[]>();
  for (let i = 0; i < args.length; i++) {
    const [name, inline] = split(args[i]!, declared);
    const value = inline ?? args[++i];
    if (value === undefined || (inline === undefined && value.startsWith("--"))) throw missing(name, value);
    const earlier = texts.get(name) ?? [];
    if (earlier.length > 0 && declared[name]!.list !== true) throw badOption(`--${name} is given more than once`, "it takes one value");
    texts.set(name, [...earlier, value]);
  }
  return texts;
}

/** The option's name, and its value where that needs no word of its own. */
function split(arg: string, declared: Declared): [name: string, value: string | undefined] {
  const [, name, inline] = /^--([^=]+)(?:=(.*))?$/s.exec(arg) ?? [];
  if (name === undefined) throw badOption(`${shortText(arg)} belongs to no option`, "options are --name value");
  if (Object.hasOwn(declared, name)) return [name, inline ?? (isFlag(declared[name]) ? "true" : undefined)];
  const opposite = name.replace(/^no-/, "");
  if (opposite !== name && inline === undefined && Object.hasOwn(declared, opposite) && isFlag(declared[opposite]))
    return [opposite, "false"];
  const names = Object.keys(declared).map((each) => `--${each}`);
  const fix = names.length === 0 ? "it has none" : `it has ${names.join(", ")}; -- --help says what they are for`;
  throw wrongUse(`the pipeline has no option --${name}`, fix, "UNKNOWN_OPTION");
}

const isFlag = (spec: OptionSpec | undefined): boolean => spec?.type === "boolean";

const badOption = (what: string, fix: string): PipelineError => wrongUse(what, fix, "BAD_OPTION");

const missing = (name: string, next: string | undefined): PipelineError =>
  badOption(`--${name} has no value`, next === undefined ? `--${name} …` : `--${name}=${next}, if ${next} is meant to be the value`);

const valueOf = (name: string, spec: OptionSpec, texts: readonly string[]): unknown =>
  spec.list === true ? texts.map((text) => scalarOf(name, spec, text)) : scalarOf(name, spec, texts[0]!);

/** The value of a text, or the text itself where it has none: then the check that follows says what the option takes. */
function scalarOf(name: string, { type, secret }: OptionSpec, text: string): unknown {
  switch (type) {
    case "string":
    case "choice":
      return text;
    case "duration":
      return parseDuration(text) ?? text;
    case "number":
      return text.trim() === "" || Number.isNaN(Number(text)) ? text : Number(text);
    case "boolean":
      if (text === "true" || text === "false") return text === "true";
      throw badOption(`--${name} is on or off${secret === true ? "" : `, not ${shortText(text)}`}`, `--${name} or --no-${name}`);
  }
}
