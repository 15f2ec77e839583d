import { PipelineError, shortText } from "./errors.ts";
import type { Duration } from "./time.ts";

/** What every option may say of itself. */
export interface OptionDescription {
  /** What the option is for; `-- --help` prints it. */
  readonly help?: string;
  /** Its value is never printed, and may come from the environment variable `MILLRACE_<NAME>`. */
  readonly secret?: boolean;
}

/** Whether an option has to be given, or what it is otherwise. */
export type OptionPresence<D> = { readonly required: true; readonly default?: never } | { readonly required?: false; readonly default?: D };

/** An option that is one value. */
export type ScalarOption<N extends string, D> = OptionDescription & {
  readonly type: N;
  readonly list?: false;
  readonly choices?: never;
} & OptionPresence<D>;

/** An option that is a list of values. */
export type ListOption<N extends string, D> = OptionDescription & {
  readonly type: N;
  readonly list: true;
  readonly choices?: never;
} & OptionPresence<readonly D[]>;

/** An option that is one of some texts, or a list of them. */
export type ChoiceOption = OptionDescription & {
  readonly type: "choice";
  readonly choices: readonly string[];
  readonly list?: boolean;
} & OptionPresence<string | readonly string[]>;

/** What an option of a pipeline may be: its type, whether it must be given, and what it is otherwise. */
export type OptionSpec =
  | ScalarOption<"string", string>
  | ListOption<"string", string>
  | ScalarOption<"number", number>
  | ListOption<"number", number>
  | ScalarOption<"boolean", boolean>
  | ScalarOption<"duration", Duration | string>
  | ListOption<"duration", Duration | string>
  | ChoiceOption;

/** The type of one value, by the name of its type. */
export interface OptionTypes {
  string: string;
  number: number;
  boolean: boolean;
  duration: Duration;
}

/** What one value of an option is. */
export type ScalarValue<S> = S extends { readonly choices: readonly (infer C)[] }
  ? C
  : S extends { readonly type: keyof OptionTypes }
    ? OptionTypes[S["type"]]
    : never;

/** What an option is, with its choices and whether it is a list. */
export type OptionValue<S> = S extends { readonly list: true } ? readonly ScalarValue<S>[] : ScalarValue<S>;

/** Whether an option always has a value: it is required, is a list, or has a default. */
export type IsGiven<S> = S extends { readonly required: true } | { readonly default: string | number | boolean | readonly unknown[] }
  ? true
  : S extends { readonly list: true }
    ? true
    : false;

/** The names of the options that a caller has to give. */
export type RequiredOptions<O> = { [N in keyof O]: O[N] extends { readonly required: true } ? N : never }[keyof O];

/** The options as the builder sees them: defaults filled in, durations in ms. */
export type OptionValues<O> = { readonly [N in keyof O]: IsGiven<O[N]> extends true ? OptionValue<O[N]> : OptionValue<O[N]> | undefined };

/** The options as a caller gives them: required ones must be there. */
export type OptionInputs<O> = { readonly [N in RequiredOptions<O>]: OptionValue<O[N]> } & {
  readonly [N in Exclude<keyof O, RequiredOptions<O>>]?: OptionValue<O[N]>;
};

/**
 * The values of all declared options: what was given, checked, and defaults for the rest.
 *
 * @throws PipelineError `UNKNOWN_OPTION` for one that is not declared, `BAD_OPTION` for one that is missing or of another type.
 */
export function optionValues(
  declared: Readonly<Record<string, OptionSpec>>,
  given: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  const unknown = Object.keys(given).find((name) => !Object.hasOwn(declared, name));
  if (unknown !== undefined) {
    const names = Object.keys(declared);
    throw new PipelineError("UNKNOWN_OPTION", {
      what: `the pipeline has no option "${unknown}"`,
      fix: names.length === 0 ? "it declares none; leave it out" : `it declares ${names.map((name) => `--${name}`).join(", ")}`,
    });
  }
  return Object.freeze(Object.fromEntries(Object.entries(declared).map(([name, spec]) => [name, valueOf(name, spec, given[name])])));
}

function valueOf(name: string, spec: OptionSpec, given: unknown): unknown {
  if (given === undefined && spec.required === true) {
    throw new PipelineError("BAD_OPTION", {
      what: `the option "${name}" is required and was not given`,
      fix: `give --${name}${spec.help === undefined ? "" : ` (${spec.help})`}`,
    });
  }
  const value = given ?? spec.default;
  if (value === undefined) return spec.list === true ? [] : undefined;
  if (spec.list !== true) return scalarOf(name, spec, value);
  if (!Array.isArray(value)) throw wrong(name, spec, value);
  return value.map((each) => scalarOf(name, spec, each));
}

function scalarOf(name: string, spec: OptionSpec, value: unknown): unknown {
  if (spec.type === "duration") {
    const duration = typeof value === "string" ? parseDuration(value) : value;
    if (typeof duration === "number" && Number.isFinite(duration)) return duration;
  } else if (spec.type === "choice") {
    if (spec.choices.includes(value as string)) return value;
  } else if (typeof value === spec.type && !Number.isNaN(value)) return value;
  throw wrong(name, spec, value);
}

function wrong(name: string, spec: OptionSpec, value: unknown): PipelineError {
  const wanted =
    spec.type === "choice"
      ? `one of ${spec.choices.join(", ")}`
      : spec.type === "duration"
        ? "a duration such as 250ms, 5s, 1m or 2h"
        : `a ${spec.type}`;
  return new PipelineError("BAD_OPTION", {
    what: `the option "${name}" takes ${spec.list === true ? `a list, each ${wanted}` : wanted}`,
    got: spec.secret === true ? "something else (it is secret)" : shortText(value),
  });
}

const unitsInMs: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** A duration in ms from text such as `250ms`, `5s`, `1.5m`, `2h` or `1d`; `undefined` where it is none. */
export function parseDuration(text: string): Duration | undefined {
  const [, amount, unit] = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(text) ?? [];
  return amount === undefined ? undefined : Number(amount) * unitsInMs[unit!]!;
}
