/** The stable names of everything that can go wrong; `docs/errors.md` explains each one. */
export type PipelineErrorCode =
  | "ALREADY_EXISTS"
  | "ASSERTION_FAILED"
  | "ASYNC_STEP"
  | "BAD_ARGUMENT"
  | "BAD_CLAIM"
  | "BAD_COMMAND"
  | "BAD_NAME"
  | "BAD_OPTION"
  | "BAD_PARTITION"
  | "BAD_SIDE_INPUT"
  | "BAD_TEST_STREAM"
  | "BAD_TIMER"
  | "BAD_TIMESTAMP"
  | "BAD_TRIGGER"
  | "BAD_WATERMARK"
  | "BAD_WINDOW"
  | "BAD_WINDOWING"
  | "CANCELLED"
  | "CONTEXT_EXPIRED"
  | "DEFAULTS_NEED_GLOBAL_WINDOW"
  | "DUPLICATE_KEY"
  | "DUPLICATE_NAME"
  | "DUPLICATE_SINK"
  | "FINGERPRINT_MISMATCH"
  | "FOREIGN_COLLECTION"
  | "GRAPH_IS_FROZEN"
  | "INCOMPATIBLE_WINDOWS"
  | "KEY_NOT_DETERMINISTIC"
  | "MODULE_NEEDED"
  | "MODULE_NOT_LOADED"
  | "NOT_AN_EITHER"
  | "NOT_A_COMBINE_FN"
  | "NOT_A_DO_FN"
  | "NOT_A_PAIR"
  | "NOT_A_PIPELINE"
  | "NOT_COLLECTED"
  | "NOT_DECODABLE"
  | "NOT_ELEMENT_WISE"
  | "NOT_ENCODABLE"
  | "NOT_ITERABLE"
  | "NOT_REPEATABLE"
  | "NOT_SUPPORTED"
  | "NO_FILES"
  | "NO_INPUTS"
  | "NO_ORDER"
  | "NO_PIPELINE_EXPORTED"
  | "OVERFLOW"
  | "PIPELINE_NOT_EXPORTED"
  | "READ_FAILED"
  | "RESTRICTION_NOT_DONE"
  | "RUN_IN_WORKER"
  | "SIDE_INPUT_NEVER_READY"
  | "SINGLETON_EMPTY"
  | "SINGLETON_NOT_SINGLE"
  | "SINK_FAILED"
  | "SPILL_FAILED"
  | "STALLED"
  | "STATE_IN_MERGING_WINDOW"
  | "STEP_FAILED"
  | "TIMED_OUT"
  | "TIMER_WITHOUT_CALLBACK"
  | "UNBOUNDED_GROUP"
  | "UNKNOWN_OPTION"
  | "UNKNOWN_STEP"
  | "UNSAFE_TRIGGER"
  | "WORKER_DIED"
  | "WRITE_FAILED";

/** What an error says, in parts, so that tools can read them one by one. */
export interface PipelineErrorParts {
  /** What is wrong, as a sentence without its full stop. */
  readonly what: string;
  /** Where: the path of a step, or a file with line or byte. */
  readonly at?: string | undefined;
  /** What was found instead of what was needed. */
  readonly got?: string | undefined;
  /** How to go on. */
  readonly fix?: string | undefined;
  /** The error behind this one, such as what user code threw. */
  readonly cause?: unknown;
}

/** Every error this library throws on purpose. `code` is stable; the text may improve between versions. */
export class PipelineError extends Error {
  override readonly name = "PipelineError";

  /** The stable name of what went wrong. */
  readonly code: PipelineErrorCode;
  /** The parts of the text. */
  readonly parts: PipelineErrorParts;

  constructor(code: PipelineErrorCode, parts: PipelineErrorParts) {
    const { what, at, got, fix, cause } = parts;
    const lines = [`${code}: ${what}${at === undefined ? "" : ` at "${at}"`}.`];
    if (got !== undefined) lines.push(`  got: ${got}`);
    if (fix !== undefined) lines.push(`  fix: ${fix}`);
    super(lines.join("\n"), cause === undefined ? undefined : { cause });
    this.code = code;
    this.parts = parts;
  }
}

/** A value as text for a message: one line, cut short, and never an error of its own. */
export function shortText(value: unknown, most = 120): string {
  const text = textOf(value).replaceAll("\n", "\\n");
  return text.length > most ? `${text.slice(0, most - 1)}…` : text;
}

function textOf(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value === "bigint") return `${value}n`;
  if (typeof value !== "object" || value === null) return String(value);
  if (value instanceof Error) return `${value.name}: ${value.message}`;
  try {
    return JSON.stringify(value, (_, part: unknown) => (typeof part === "bigint" ? `${part}n` : part)) ?? "nothing";
  } catch {
    return Object.prototype.toString.call(value);
  }
}
