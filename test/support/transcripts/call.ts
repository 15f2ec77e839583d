/** A function's name and what stands in its brackets: `afterWatermark(early=afterCount(2))`. A name alone is a call without arguments. */
export interface Call {
  readonly name: string;
  readonly args: readonly Argument[];
  readonly named: Readonly<Record<string, Argument>>;
}

export type Argument = number | Call;

/** Reads a call; the error says what is wrong with the text. */
export function parseCall(text: string): Call {
  const reader = new CallReader(text);
  const call = reader.call();
  reader.mustEnd();
  return call;
}

/** Numbers, words such as `afterCount` or `Europe/Berlin`, and signs. */
const TOKEN = /\s*(-?\d+(?![\w/])|[A-Za-z][\w/+-]*|[(),=])\s*/y;

class CallReader {
  readonly #text: string;
  readonly #tokens: readonly string[];
  #next = 0;

  constructor(text: string) {
    this.#text = text;
    this.#tokens = tokensOf(text);
  }

  call(): Call {
    const name = this.#take();
    if (name === undefined || !/^[A-Za-z]/.test(name)) throw this.#wrong(name, "a name");
    const args: Argument[] = [];
    const named: Record<string, Argument> = {};
    if (!this.#skip("(")) return { name, args, named };
    if (this.#skip(")")) return { name, args, named };
    do {
      const label = this.#tokens[this.#next + 1] === "=" ? this.#take() : undefined;
      if (label === undefined) args.push(this.#argument());
      else {
        this.#next++;
        named[label] = this.#argument();
      }
    } while (this.#skip(","));
    if (!this.#skip(")")) throw this.#wrong(this.#take(), '","  or ")"');
    return { name, args, named };
  }

  mustEnd(): void {
    if (this.#next < this.#tokens.length) throw this.#wrong(this.#take(), "the end");
  }

  #argument(): Argument {
    const number = Number(this.#tokens[this.#next] ?? NaN);
    if (!Number.isSafeInteger(number)) return this.call();
    this.#next++;
    return number;
  }

  #take(): string | undefined {
    return this.#tokens[this.#next++];
  }

  #skip(sign: string): boolean {
    if (this.#tokens[this.#next] !== sign) return false;
    this.#next++;
    return true;
  }

  #wrong(got: string | undefined, wanted: string): Error {
    return new Error(`"${this.#text}" has ${got === undefined ? "its end" : `"${got}"`} where ${wanted} should be`);
  }
}

function tokensOf(text: string): readonly string[] {
  const tokens: string[] = [];
  const token = new RegExp(TOKEN);
  while (token.lastIndex < text.length) {
    const from = token.lastIndex;
    const [, found] = token.exec(text) ?? [];
    if (found === undefined) throw new Error(`"${text}" has a sign that has no place there: "${text.slice(from, from + 1)}"`);
    tokens.push(found);
  }
  return tokens;
}
