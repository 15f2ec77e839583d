/** What a screen needs of a terminal; `process.stderr` is one. Some say that their size is 0 when they do not know it. */
export interface Terminal {
  readonly rows?: number;
  readonly columns?: number;
  write(text: string): unknown;
}

/** A stream whose writing can be watched; `process.stdout` and `process.stderr` are. */
export interface Output {
  write: (...args: never[]) => boolean;
}

const hideCursor = "\x1b[?25l";
const showCursor = "\x1b[?25h";
/** A line that is too long is cut off instead of going on in the next one, so that lines can be counted. */
const cutLines = "\x1b[?7l";
const wrapLines = "\x1b[?7h";
const up = (lines: number): string => (lines === 0 ? "" : `\x1b[${lines}A`) + "\r\x1b[J";

/**
 * Some lines at the bottom of a terminal that are drawn again and again, while what the pipeline itself prints goes on
 * above them.
 */
export class Screen {
  readonly #terminal: Terminal;
  readonly #release: () => void;
  #drawn = 0;
  #isDrawing = false;
  #isOver = false;
  /** What was printed above ends within a line, and the lines below must not be taken for the rest of it. */
  #isMidLine = false;

  /** @param outputs - the streams that show in the same terminal. */
  constructor(terminal: Terminal, outputs: readonly Output[]) {
    this.#terminal = terminal;
    const releases = outputs.map((output) => this.#watch(output));
    const restore = (): void => this.end();
    // Whatever ends the process, the cursor comes back.
    process.once("exit", restore);
    this.#release = () => {
      for (const release of releases) release();
      process.off("exit", restore);
    };
    this.#write(hideCursor);
  }

  /** How many lines fit. */
  get rows(): number {
    return (this.#terminal.rows || 24) - 1;
  }

  /** How many characters fit into a line. */
  get columns(): number {
    return this.#terminal.columns || 80;
  }

  /** Draws lines in place of the ones before. */
  draw(lines: readonly string[]): void {
    this.#write(this.#erased() + this.#drawing(lines));
  }

  /** Leaves the last lines standing, and gives the terminal back. */
  end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#release();
    this.#write(showCursor);
  }

  #drawing(lines: readonly string[]): string {
    this.#drawn = lines.length;
    if (lines.length === 0) return "";
    const gap = this.#isMidLine ? "\n" : "";
    this.#isMidLine = false;
    return `${gap}${cutLines}${lines.join("\n")}\n${wrapLines}`;
  }

  #erased(): string {
    const drawn = this.#drawn;
    this.#drawn = 0;
    return drawn === 0 ? "" : up(drawn);
  }

  #write(text: string): void {
    this.#isDrawing = true;
    try {
      this.#terminal.write(text);
    } finally {
      this.#isDrawing = false;
    }
  }

  /** Makes room for what others print: our lines go away before, and come back with the next draw. */
  #watch(output: Output): () => void {
    const write = output.write;
    output.write = (...args: never[]): boolean => {
      if (this.#isDrawing) return write.apply(output, args);
      const erased = this.#erased();
      if (erased !== "") this.#write(erased);
      this.#isMidLine = !endsLine((args as readonly unknown[])[0]);
      return write.apply(output, args);
    };
    return () => {
      output.write = write;
    };
  }
}

const endsLine = (chunk: unknown): boolean =>
  typeof chunk === "string" ? chunk.endsWith("\n") : chunk instanceof Uint8Array && chunk.at(-1) === 10;
