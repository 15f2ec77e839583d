import { createHash } from "node:crypto";

/** How much of the end is kept to be shown. */
const SHOWN = 25;

/** What happened in a simulation, in order: as a hash that tells two of them apart, and its end as text. */
export class Trace {
  readonly #hash = createHash("sha256");
  readonly #last: string[] = [];

  note(line: string): void {
    this.#hash.update(`${line}\n`);
    this.#last.push(line);
    if (this.#last.length > SHOWN) this.#last.shift();
  }

  /** The last things that happened. */
  get end(): string {
    return this.#last.join("\n");
  }

  get digest(): string {
    return this.#hash.copy().digest("hex").slice(0, 16);
  }
}
