const LF = 0x0a;

/**
 * The lines of bytes in UTF-8 of which most are ASCII, without their LF.
 *
 * One character beyond Latin-1 makes a whole text take two bytes per character, and with it all lines that are cut from it: then
 * every step that follows costs half as much again. So the lines that are not ASCII are decoded by themselves.
 *
 * @returns undefined when there are so many of them that taking the text apart would not pay.
 */
export function mixedLines(bytes: Buffer): string[] | undefined {
  const highs = new HighBytes(bytes);
  if (!highs.areFew) return undefined;
  const { length } = bytes;
  const lines: string[] = [];
  let start = 0;
  for (let high = highs.next(0); high < length;) {
    const first = bytes.lastIndexOf(LF, high) + 1;
    if (first > start) addLines(lines, bytes.toString("latin1", start, first - 1));
    let end = lineEnd(bytes, high);
    high = highs.next(end + 1);
    // Neighbours that are not ASCII either are decoded together.
    while (high < length && lineEnd(bytes, end + 1) > high) {
      end = lineEnd(bytes, high);
      high = highs.next(end + 1);
    }
    addLines(lines, bytes.toString("utf8", first, end));
    start = end + 1;
  }
  if (start <= length) addLines(lines, bytes.toString("latin1", start, length));
  return lines;
}

function lineEnd(bytes: Buffer, from: number): number {
  const found = bytes.indexOf(LF, from);
  return found < 0 ? bytes.length : found;
}

function addLines(lines: string[], text: string): void {
  for (const line of text.split("\n")) lines.push(line);
}

/** Finds bytes that are not ASCII, looking at four of them at once. */
class HighBytes {
  readonly #bytes: Buffer;
  /** Bytes before the first word, since words are aligned. */
  readonly #before: number;
  readonly #words: Int32Array;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
    this.#before = Math.min(-bytes.byteOffset & 3, bytes.length);
    const words = (bytes.length - this.#before) >> 2;
    this.#words = words === 0 ? new Int32Array() : new Int32Array(bytes.buffer, bytes.byteOffset + this.#before, words);
  }

  /** Whether at most one word in sixteen has such a byte. */
  get areFew(): boolean {
    let count = 0;
    for (const word of this.#words) if ((word & HIGH_BITS) !== 0) count++;
    return count * 16 <= this.#words.length;
  }

  /** The first one from a byte on, or the length. */
  next(from: number): number {
    const { length } = this.#bytes;
    let at = from;
    for (; at < length && ((at - this.#before) & 3) !== 0; at++) if (this.#bytes[at]! > 0x7f) return at;
    let word = (at - this.#before) >> 2;
    while (word < this.#words.length && (this.#words[word]! & HIGH_BITS) === 0) word++;
    for (at = Math.max(at, this.#before + 4 * word); at < length; at++) if (this.#bytes[at]! > 0x7f) return at;
    return length;
  }
}

const HIGH_BITS = 0x80808080 | 0;
