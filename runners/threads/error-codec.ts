import { PipelineError, shortText, type PipelineErrorCode, type PipelineErrorParts } from "../../sdk/errors.ts";

/** An error as data. Structured clone would make a plain `Error` of most, and lose their fields. */
export interface EncodedError {
  readonly name: string;
  readonly message: string;
  readonly stack: string | undefined;
  readonly cause: EncodedError | undefined;
  readonly pipeline: { readonly code: PipelineErrorCode; readonly parts: Omit<PipelineErrorParts, "cause"> } | undefined;
  /** The error's own fields, as far as they are plain values, such as Node's `code` and `errno`. */
  readonly fields: Readonly<Record<string, string | number | boolean>>;
}

/** Errors are followed through this many causes; one that contains itself would go on without end. */
const MOST_CAUSES = 16;

/** What remains of an error whose parts cannot even be looked at. */
const unreadable: EncodedError = {
  name: "Error",
  message: "an error that cannot be read",
  stack: undefined,
  cause: undefined,
  pipeline: undefined,
  fields: {},
};

export function encodeError(error: unknown, depth = 0): EncodedError {
  try {
    return encoded(error, depth);
  } catch {
    return unreadable;
  }
}

function encoded(error: unknown, depth: number): EncodedError {
  if (!(error instanceof Error)) {
    return { name: "Error", message: shortText(error), stack: undefined, cause: undefined, pipeline: undefined, fields: {} };
  }
  const { name, message, stack, cause } = error;
  const plain = Object.entries(error).filter(
    ([field, value]) => field !== "name" && ["string", "number", "boolean"].includes(typeof value),
  );
  return {
    name: String(name),
    message: String(message),
    stack: stack === undefined ? undefined : String(stack),
    cause: cause === undefined || depth === MOST_CAUSES ? undefined : encodeError(cause, depth + 1),
    pipeline: error instanceof PipelineError ? { code: error.code, parts: textsOf(error.parts) } : undefined,
    fields: Object.fromEntries(plain) as EncodedError["fields"],
  };
}

const textsOf = ({ what, at, got, fix }: PipelineErrorParts): Omit<PipelineErrorParts, "cause"> => ({ what, at, got, fix });

export function decodeError({ name, message, stack, cause: encodedCause, pipeline, fields }: EncodedError): Error {
  const cause = encodedCause && decodeError(encodedCause);
  const error = pipeline
    ? new PipelineError(pipeline.code, { ...pipeline.parts, cause })
    : Object.assign(new Error(message, { cause }), fields);
  // Where it was thrown is what helps, not where it was read.
  Object.defineProperty(error, "stack", { value: stack ?? `${name}: ${message}`, configurable: true, writable: true });
  if (!pipeline) Object.defineProperty(error, "name", { value: name, configurable: true, writable: true });
  return error;
}
