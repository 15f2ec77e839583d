import type { FunctionScope, Place } from "./source-scope.ts";

/**
 * How a slot is written: by index into its open batch; the same with keys looked up in its dictionary, and without times and
 * panes, which most groupings do not need; with keys and all; not at all, because the elements are combined at once; or by a call.
 */
export type SlotKind = "plain" | "keyed" | "keyedAndStamped" | "folded" | "called";

/**
 * The text that writes elements into slots, in one function.
 *
 * Names: `o2` the open batch of slot 2, `q2`, `z2` its values and its size; `k2_` the numbers of keys, `w2_`, `t2_`, `p2_` the
 * columns of stamps, `y2_` their earliest time.
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
    const roll = `if (z${number} === o${number}.capacity) { ${this.giveBack(number)} o${number}.seal(); ${this.reload(number)} }\n`;
    const stamps = this.#stampOf(number) === undefined ? this.#stampColumns(number, place) : "";
    const [keyed, value] = isKeyed
      ? this.#keyed(number, place, at)
      : ["", place.key === undefined ? place.value : `[${place.key}, ${place.value}]`];
    return `${keyed}${roll}${isKeyed ? `k${number}_[z${number}] = i${number};\n` : ""}${stamps}q${number}[z${number}++] = ${value};\n`;
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
  #stampColumns(number: number, { timestamp, windows, pane }: Place): string {
    const all = `w${number}_[z${number}] = ${windows};\nif (${timestamp} < y${number}_) y${number}_ = ${timestamp};\n`;
    return !this.#hasStamps(number) ? all : `${all}t${number}_[z${number}] = ${timestamp}; p${number}_[z${number}] = ${pane};\n`;
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

  #hasStamps(number: number): boolean {
    return this.#kinds[number] === "plain" || this.#kinds[number] === "keyedAndStamped";
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
    const isKeyed = this.#kinds[number] !== "plain";
    if (stamp === undefined)
      for (const name of this.#hasStamps(number) ? ["w", "y", "t", "p"] : ["w", "y"]) this.#scope.local(`${name}${number}_`);
    if (!isKeyed) return;
    this.#scope.local(`k${number}_`);
    this.#scope.local(`m${number}`, `${this.#writable(number)}.keys.byPrimitive`);
    this.#scope.local(`d${number}_`, `${this.#writable(number)}.keys.bySmall`);
  }

  /** Makes a slot's open batch one of the kind that this function writes: calls in between may have made it another. */
  useStamps(number: number): string {
    const stamp = this.#stampOf(number);
    return stamp === undefined ? `o${number}.useColumns();` : `o${number}.useStamp(${stamp});`;
  }

  /** Gives back what is held of a slot's open batch. */
  giveBack(number: number): string {
    const earliest = this.#stampOf(number) === undefined ? ` o${number}.earliest = y${number}_;` : "";
    return `o${number}.size = z${number};${earliest}`;
  }

  /** Takes up what a slot's open batch has. */
  reload(number: number): string {
    const isKeyed = this.#kinds[number] !== "plain";
    const times = !this.#hasStamps(number) ? "" : ` t${number}_ = o${number}.timestamps; p${number}_ = o${number}.panes;`;
    const stamps =
      this.#stampOf(number) === undefined ? ` w${number}_ = o${number}.windows; y${number}_ = o${number}.earliest;${times}` : "";
    const keys = isKeyed ? ` k${number}_ = o${number}.keyIds;` : "";
    return `q${number} = o${number}.values; z${number} = o${number}.size;${stamps}${keys}`;
  }
}
