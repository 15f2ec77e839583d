import { isMap, isScalar, isSeq, type LineCounter, type Node } from "yaml";
import { TranscriptError, type Scalar } from "./transcript.ts";

/** A part of a YAML file. It is taken as what it should be; the error where it is not says file and line. */
export class Place {
  readonly #node: Node | undefined;
  readonly #file: string;
  readonly #lines: LineCounter;
  /** Where it stands, as `file:line`. */
  readonly at: string;

  /** @param offset - where the part stands if it is empty. */
  constructor(node: unknown, file: string, lines: LineCounter, offset = 0) {
    this.#node = (node ?? undefined) as Node | undefined;
    this.#file = file;
    this.#lines = lines;
    this.at = `${file}:${lines.linePos(this.#node?.range?.[0] ?? offset).line}`;
  }

  /** The fields, of which each has to be one of these. */
  fields<N extends string>(what: string, allowed: readonly N[]): { readonly [K in N]?: Place } {
    if (!isMap(this.#node)) throw this.wrong(`${what} has fields`);
    const fields: { [K in N]?: Place } = {};
    for (const { key, value } of this.#node.items) {
      const place = this.#part(key);
      const name = String(isScalar(key) ? key.value : key) as N;
      if (!allowed.includes(name)) throw place.wrong(`${what} has no field ${name}, only ${allowed.join(", ")}`);
      fields[name] = this.#part(value, (key as Node).range?.[0]);
    }
    return fields;
  }

  /** The parts of a list. */
  list(what: string): readonly Place[] {
    if (!isSeq(this.#node)) throw this.wrong(`${what} is a list`);
    return this.#node.items.map((item) => this.#part(item));
  }

  get isScalar(): boolean {
    return isScalar(this.#node);
  }

  scalar(what: string): Scalar {
    const value = isScalar(this.#node) ? this.#node.value : undefined;
    if (value === null || typeof value === "string" || typeof value === "number" || typeof value === "boolean") return value;
    throw this.wrong(`${what} is a single value`);
  }

  text(what: string): string {
    const value = this.scalar(what);
    if (typeof value === "string" && value !== "") return value;
    throw this.wrong(`${what} is a text`);
  }

  whole(what: string): number {
    const value = this.scalar(what);
    if (typeof value === "number" && Number.isSafeInteger(value)) return value;
    throw this.wrong(`${what} is a whole number`);
  }

  truth(what: string): boolean {
    const value = this.scalar(what);
    if (typeof value === "boolean") return value;
    throw this.wrong(`${what} is true or false`);
  }

  /** One of some words. */
  word<W extends string>(what: string, words: readonly W[]): W {
    const value = this.scalar(what);
    const found = words.find((word) => word === value);
    if (found !== undefined) return found;
    throw this.wrong(`${what} is one of ${words.join(", ")}`);
  }

  wrong(what: string): TranscriptError {
    return new TranscriptError(what, this.at);
  }

  /** What is made of it; what is thrown meanwhile is wrong here. */
  make<T>(make: () => T): T {
    try {
      return make();
    } catch (error) {
      throw error instanceof TranscriptError ? error : this.wrong((error as Error).message);
    }
  }

  #part(node: unknown, offset?: number): Place {
    return new Place(node, this.#file, this.#lines, offset ?? this.#node?.range?.[0]);
  }
}
