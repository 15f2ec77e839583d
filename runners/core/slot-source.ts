import type { OpenBatch } from "./open-batch.ts";
import type { FunctionScope, Place } from "./source-scope.ts";

/**
 * How a slot is written: by index into its open batch; the same with keys looked up in its dictionary, and without times and
 * panes, which most groupings do not need; with keys and all; with keys and the ends of windows, which sessions need; not at
 * all, because the elements are combined at once; or by a call.
 */
export type SlotKind = "plain" | "keyed" | "keyedAndStamped" | "spanned" | "folded" | "called";

/** The columns that a slot of a kind has where elements differ in their stamps, with the names of the variables that hold them. */
const COLUMNS = {
  plain: { w: "windows", t: "timestamps", p: "panes" },
  keyed: { w: "windows" },
  keyedAndStamped: { w: "windows", t: "timestamps", p: "panes" },
  spanned: { b: "starts", e: "ends" },
  folded: { w: "windows" },
  called: {},
} as const satisfies Record<SlotKind, Readonly<Record<string, keyof OpenBatch>>>;

/**
 * The text that writes elements into slots, in one function.
 *
 * Names: `o2` the open batch of slot 2, `q2`, `z2` its values and its size; `k2_` the numbers of keys, `w2_`, `t2_`, `p2_`,
 * `b2_`, `e2_` the columns of stamps, `y2_` their earliest time.
 */
export class SlotSource {
  readonly #kinds: readonly SlotKind[];
  /** Slots that only a main function writes, so that their places may be held in its local variables. */
  readonly #direct: ReadonlySet<number>;
  readonly #scope: FunctionScope;

  constructor(kinds: readonly SlotKind[], direct: ReadonlySet<number>, scope: FunctionScope) {
    this.#kinds = kinds;
    this.#direct = direct;
    this.#scope = scope;
  }

  /** Writes an element. */
  write(number: number, place: Place): string {
    this.#scope.inputs.set(-2 - number, place.value);
    const at = `S[0] = ${-2 - number};\n`;
    if (!this.#scope.isMain || !this.#direct.has(number) || this.#kinds[number] === "called") return this.#put(number, place);
    if (this.#kinds[number] === "folded" && place.stamp !== undefined) return this.#folded(number, place);
    this.#openSlot(number, place);
    const isKeyed = this.#kinds[number] !== "plain";
    const [keyed, value] = isKeyed
      ? this.#keyed(number, place, at)
      : ["", place.key === undefined ? place.value : `[${place.key}, ${place.value}]`];
    return (
      keyed +
      (this.#kinds[number] === "spanned" ? this.#spans(number, place, value) : this.#row(number, value, this.#stamps(number, place)))
    );
  }

  /** Writes a value and what the columns have of it, into a new batch if this one is full. */
  #row(number: number, value: string, columns: string): string {
    const roll = `if (z${number} === o${number}.capacity) { ${this.giveBack(number)} o${number}.seal(); ${this.reload(number)} }\n`;
    const key = this.#kinds[number] === "plain" ? "" : `k${number}_[z${number}] = i${number};\n`;
    return `${roll}${key}${columns}q${number}[z${number}++] = ${value};\n`;
  }

  /** An element in several windows is written for each of them. */
  #spans(number: number, { timestamp, windows }: Place, value: string): string {
    const [j, s] = [this.#scope.own(`j${number}_`), this.#scope.own(`s${number}_`)];
    const earliest = [timestamp, `${s}.start`].map((time) => `if (${time} < y${number}_) y${number}_ = ${time};\n`).join("");
    const ends = `b${number}_[z${number}] = ${s}.start; e${number}_[z${number}] = ${s}.end;\n`;
    return `for (${j} = 0; ${j} < ${windows}.length; ${j}++) {\n${s} = ${windows}[${j}];\n${this.#row(number, value, ends + earliest)}}\n`;
  }

  #put(number: number, { value, key, timestamp, windows, pane }: Place): string {
    const pair = key === undefined ? value : `[${key}, ${value}]`;
    return `S[0] = ${-2 - number};\nP${number}.put(${pair}, ${timestamp}, ${windows}, ${pane});\n`;
  }

  /**
   * Combines as the elements come: the accumulator is a local variable. A number begins as one in each call, so that V8 keeps
   * it unboxed, and is merged with what was there; others go on where the last call left them. What a failed bundle has combined
   * is forgotten with it.
   */
  #folded(number: number, { value, stamp }: Place): string {
    const accumulator = this.#scope.local(`a${number}_`, `filler${number}`);
    const count = this.#scope.local(`n${number}_`, "0");
    const part = this.#scope.local(`r${number}_`);
    const isNumber = `typeof filler${number} === "number"`;
    this.#scope.before.push(
      `if (!(${isNumber})) { ${part} = P${number}.partOf(${stamp}); ${accumulator} = ${part}.accumulator; ${count} = ${part}.count; }`,
    );
    this.#scope.after.push(
      `if (!(${isNumber})) { ${part}.accumulator = ${accumulator}; ${part}.count = ${count}; }`,
      `else if (${count} > 0) P${number}.putFolded(${accumulator}, ${count}, ${stamp});`,
    );
    const first = `${accumulator} = create${number}();`;
    return `S[0] = ${-2 - number};\nif (${count} === 0) ${first}\n${accumulator} = add${number}(${accumulator}, ${value}, B.noSideInputs);\n${count}++;\n`;
  }

  /** Of times everybody needs the earliest, which holds the watermark back; a grouping needs nothing but that and the windows. */
  #stamps(number: number, place: Place): string {
    if (!this.#hasColumns(number)) return "";
    const { timestamp } = place;
    const parts: Readonly<Record<string, string>> = { w: place.windows, t: timestamp, p: place.pane };
    const columns = this.#columns(number).map(([name]) => `${name}${number}_[z${number}] = ${parts[name]};\n`);
    return `${columns.join("")}if (${timestamp} < y${number}_) y${number}_ = ${timestamp};\n`;
  }

  /** The number of the key: the last one again, one that is known, or one that the dictionary works out. */
  #keyed(number: number, { key, value }: Place, at: string): readonly [text: string, value: string] {
    const [i, k, last] = [this.#scope.local(`i${number}`, "-1"), this.#scope.own(`h${number}`), this.#scope.local(`l${number}_`)];
    const split =
      key === undefined
        ? `if (!Array.isArray(${value}) || ${value}.length !== 2) { ${at}B.pairOf(${value}); }\n${k} = ${value}[0];\n`
        : `${k} = ${key};\n`;
    const keys = `${this.#writable(number)}.keys`;
    const small = `typeof ${k} === "number" && ${k} >>> 0 === ${k} && ${k} < d${number}_.length ? d${number}_[${k}] - 1 : -1`;
    const other = `${i} = m${number}.get(${k}); if (${i} === undefined) { ${at}${i} = ${keys}.idOf(${k}); d${number}_ = ${keys}.bySmall; }`;
    const look = `if (${i} === -1 || ${k} !== ${last}) { ${i} = ${small}; if (${i} === -1) { ${other} } ${last} = ${k}; }\n`;
    return [split + look, key === undefined ? `${value}[1]` : value];
  }

  #columns(number: number): readonly (readonly [name: string, column: string])[] {
    return this.#hasColumns(number) ? Object.entries(COLUMNS[this.#kinds[number]!]) : [];
  }

  /** Whether each element brings its own stamp, or a part of it. */
  #hasColumns(number: number): boolean {
    return this.#kinds[number] === "spanned" || this.#stampOf(number) === undefined;
  }

  /** What has the open batch of a slot. */
  #writable(number: number): string {
    return this.#kinds[number] === "folded" ? `P${number}.inner` : `P${number}`;
  }

  #stampOf(number: number): string | undefined {
    return this.#scope.slots.get(number);
  }

  /** Holds the parts of a slot's open batch in local variables. */
  #openSlot(number: number, { stamp }: Place): void {
    this.#scope.slots.set(number, stamp);
    for (const name of ["o", "q", "z"]) this.#scope.local(`${name}${number}`);
    this.#scope.before.push(`o${number} = ${this.#writable(number)}.open; ${this.useStamps(number)}`);
    if (this.#hasColumns(number)) this.#scope.local(`y${number}_`);
    for (const [name] of this.#columns(number)) this.#scope.local(`${name}${number}_`);
    if (this.#kinds[number] === "plain") return;
    this.#scope.local(`k${number}_`);
    this.#scope.local(`m${number}`, `${this.#writable(number)}.keys.byPrimitive`);
    this.#scope.local(`d${number}_`, `${this.#writable(number)}.keys.bySmall`);
  }

  /** Makes a slot's open batch one of the kind that this function writes: calls in between may have made it another. */
  useStamps(number: number): string {
    if (this.#kinds[number] === "spanned") return "";
    const stamp = this.#stampOf(number);
    return stamp === undefined ? `o${number}.useColumns();` : `o${number}.useStamp(${stamp});`;
  }

  /** Gives back what is held of a slot's open batch. */
  giveBack(number: number): string {
    const earliest = this.#hasColumns(number) ? ` o${number}.earliest = y${number}_;` : "";
    return `o${number}.size = z${number};${earliest}`;
  }

  /** Takes up what a slot's open batch has. */
  reload(number: number): string {
    const earliest = this.#hasColumns(number) ? ` y${number}_ = o${number}.earliest;` : "";
    const columns = this.#columns(number).map(([name, column]) => ` ${name}${number}_ = o${number}.${column};`);
    const keys = this.#kinds[number] === "plain" ? "" : ` k${number}_ = o${number}.keyIds;`;
    return `q${number} = o${number}.values; z${number} = o${number}.size;${earliest}${columns.join("")}${keys}`;
  }
}
