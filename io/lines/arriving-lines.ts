import { StringDecoder } from "node:string_decoder";

/** Makes lines of bytes that come in any pieces, cut within lines or characters. Bytes that are no UTF-8 become U+FFFD. */
export class ArrivingLines {
  #decoder = new StringDecoder("utf8");
  /** The beginning of a line that has not ended, in the pieces in which it came. */
  #begun: string[] = [];
  #begunBytes = 0;

  /** How many bytes there are of a line that has not ended. */
  get begunBytes(): number {
    return this.#begunBytes;
  }

  /** The lines that end in some bytes, without their ends, which are LF or CRLF. */
  take(bytes: Buffer): readonly string[] {
    this.#begunBytes += bytes.length;
    const pieces = this.#decoder.write(bytes).split("\n");
    const last = pieces.pop()!;
    if (pieces.length > 0) {
      pieces[0] = this.#begun.join("") + pieces[0]!;
      this.#begun = [];
      this.#begunBytes = bytes.length - bytes.lastIndexOf(LF) - 1;
    }
    this.#begun.push(last);
    return pieces.map(withoutReturn);
  }

  /** The line that has not ended, where nothing more comes; none where the last one has. */
  end(): readonly string[] {
    const rest = this.#begun.join("") + this.#decoder.end();
    this.#decoder = new StringDecoder("utf8");
    this.#begun = [];
    this.#begunBytes = 0;
    return rest === "" ? [] : [withoutReturn(rest)];
  }
}

const LF = 10;

const withoutReturn = (line: string): string => (line.endsWith("\r") ? line.slice(0, -1) : line);
