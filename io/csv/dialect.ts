import { PipelineError, shortText } from "../../sdk/errors.ts";

/** How a file separates values and encloses those that hold a separator. */
export interface Dialect {
  /** One character. */
  readonly delimiter: string;
  /** One ASCII character; the empty text where quotes mean nothing. */
  readonly quote: string;
  /** Whether a value that is enclosed may hold line ends. */
  readonly spansLines: boolean;
}

/** Options that say how a file separates and encloses values. */
export interface DialectOptions {
  /** What stands between two values: one character, a comma unless given. */
  readonly delimiter?: string;
  /** What encloses a value that holds a delimiter, a quote or a line end: one ASCII character, `"` unless given; false for nothing. */
  readonly quote?: string | false;
}

/** The dialect of options. Throws `BAD_ARGUMENT` where no file could be read with it. */
export function dialectOf({ delimiter = ",", quote = '"' }: DialectOptions, spansLines = true): Dialect {
  const enclosing = quote === false ? "" : quote;
  if (delimiter.length !== 1 || isLineEnd(delimiter)) {
    throw new PipelineError("BAD_ARGUMENT", { what: "the delimiter of a CSV file is one character", got: shortText(delimiter) });
  }
  // Bytes are searched for it: the character must be one.
  if (quote !== false && (enclosing.length !== 1 || enclosing > "\u007f" || isLineEnd(enclosing) || enclosing === delimiter)) {
    const fix = "pass another character, or false if nothing is enclosed";
    throw new PipelineError("BAD_ARGUMENT", {
      what: "the quote of a CSV file is one ASCII character that is not its delimiter",
      got: shortText(quote),
      fix,
    });
  }
  return { delimiter, quote: enclosing, spansLines };
}

const isLineEnd = (text: string): boolean => text === "\n" || text === "\r";
