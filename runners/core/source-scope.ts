/** The names of an element's parts at some place in the generated text, and what is known of them there. */
export interface Place {
  readonly value: string;
  readonly timestamp: string;
  readonly windows: string;
  readonly pane: string;
  /** The name of the stamp that all elements of the run share here; nothing where stamps differ from element to element. */
  readonly stamp: string | undefined;
  /** Whether there is exactly one window. */
  readonly isSingle: boolean;
  /** Whether somebody else reads the value later on, so that its variable may not be given another one. */
  readonly isShared: boolean;
  /** The key, where the value is known to be the second of a pair that nobody has made yet. */
  readonly key?: string;
}

/** A place where the pair has been made. */
export const withPair = ({ timestamp, windows, pane, stamp, isSingle }: Place, value: string): Place => ({
  value,
  timestamp,
  windows,
  pane,
  stamp,
  isSingle,
  isShared: false,
});

/** What a function of the generated text declares, and what is written before it and after it. */
export class FunctionScope {
  /** Whether it goes through many elements, and not one. */
  readonly isMain: boolean;
  readonly before: string[] = [];
  readonly after: string[] = [];
  /** The input of each step, and of who takes a slot, for the error that names them. */
  readonly inputs = new Map<number, string>();
  /** The counter of each output: a local variable, or the counter that it always equals. */
  readonly counters = new Map<number, string>();
  /** The slots that are written by index, with the stamp that all their elements share; each is written in one place. */
  readonly slots = new Map<number, string | undefined>();
  readonly #kept: string[] = [];
  readonly #own: string[] = [];

  constructor(isMain: boolean) {
    this.isMain = isMain;
  }

  /** Declares a variable that is kept from element to element. */
  local(name: string, initial?: string): string {
    this.#kept.push(initial === undefined ? name : `${name} = ${initial}`);
    return name;
  }

  /** Declares a variable that each element has anew: V8 then has nothing to carry from one to the next. */
  own(name: string): string {
    this.#own.push(name);
    return name;
  }

  /** The declarations of what is kept. */
  get kept(): string {
    return declared(this.#kept);
  }

  /** The declarations of what each element has. */
  get owned(): string {
    return declared(this.#own);
  }

  /** The error that a function throws on: it names the step that ran, and the step's input. */
  failure(first: string): string {
    const inputs = [...this.inputs].map(([step, input]) => (input === first ? "" : `S[0] === ${step} ? ${input} : `)).join("");
    return `B.fail(e, S[0], ${inputs}${first})`;
  }
}

const declared = (names: readonly string[]): string => (names.length === 0 ? "" : `let ${names.join(", ")};\n`);
