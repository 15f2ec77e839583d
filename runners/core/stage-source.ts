import type { Output, Stage } from "./plan.ts";
import { outputIndexes } from "./stage-loop.ts";
import { isOpaque } from "./step-call.ts";

/**
 * How a slot is written: by index into its open batch; the same with keys looked up in its dictionary, and without times and
 * panes, which most groupings do not need; with keys and all; not at all, because the elements are combined at once; or by a call.
 */
export type SlotKind = "plain" | "keyed" | "keyedAndStamped" | "folded" | "called";

/** The names of an element's parts at some place in the generated text, and what is known of them there. */
interface Place {
  readonly value: string;
  readonly timestamp: string;
  readonly windows: string;
  readonly pane: string;
  /** The name of the stamp that all elements of the run share here; nothing where stamps differ from element to element. */
  readonly stamp: string | undefined;
  /** Whether there is exactly one window. */
  readonly isSingle: boolean;
  /** The key, where the value is known to be the second of a pair that nobody has made yet. */
  readonly key?: string;
}

/** What a function of the generated text needs declared, written before it and after it. */
interface Scope {
  readonly isMain: boolean;
  readonly locals: string[];
  readonly before: string[];
  readonly after: string[];
  /** The input of each step, and of who takes a slot, for the error that names them. */
  readonly inputs: Map<number, string>;
  /** The counter of each output: a local variable, or the counter that it always equals. */
  readonly counters: Map<number, string>;
  /** The slots that are written by index, with the stamp that all their elements share; each is written in one place. */
  readonly slots: Map<number, string | undefined>;
}

/**
 * The text of a stage's loop. It holds two main functions, one for elements that share their stamp and one for columns of
 * stamps, and a function for each output of a step that emits by a call.
 *
 * Names: `f3` the function of step 3, `x3` what it gave, `S` the cursor that says which step runs, `q2`, `z2` the values and
 * the size of slot 2's open batch.
 */
export class StageSource {
  readonly text: string;
  readonly #stage: Stage;
  readonly #kinds: readonly SlotKind[];
  readonly #usesContext: (step: number) => boolean;
  readonly #indexes: ReadonlyMap<Output, number>;
  /** Slots that only a main function writes, so that their places may be held in its local variables. */
  readonly #direct: ReadonlySet<number>;
  readonly #emitters: string[] = [];
  readonly #opaque: string[] = [];
  #scope!: Scope;

  constructor(stage: Stage, kinds: readonly SlotKind[], usesContext: (step: number) => boolean) {
    this.#stage = stage;
    this.#kinds = kinds;
    this.#usesContext = usesContext;
    this.#indexes = outputIndexes(stage);
    this.#direct = new Set(stage.slots.map((_, number) => number).filter((number) => !this.#slotsBehindCalls().has(number)));
    this.#writeEmitters();
    // What comes one by one, from heads that wait, goes through functions like those of emitting steps.
    const heads = stage.outputs.map((output, i) => this.#emitter(`h${i}`, output, -1));
    const uniform = this.#main("uniform", "stamp", { timestamp: "t", windows: "w", pane: "p", stamp: "stamp", isSingle: true });
    const columns = this.#main("columns", "ts, ws, ps", { timestamp: "t", windows: "w", pane: "p", stamp: undefined, isSingle: false });
    const functions = stage.steps.map((_, number) => `const f${number} = B.functions[${number}];`);
    this.text = [
      '"use strict";',
      "const S = B.cursor;",
      ...functions,
      ...stage.steps.flatMap(({ fn }, number) =>
        fn.kind === "keyBy" && fn.constant !== undefined ? [`const K${number} = B.fns[${number}].constant.key;`] : [],
      ),
      ...[...stage.steps.keys()].filter(this.#usesContext).map((number) => `const ctx${number} = B.contexts.get(${number});`),
      ...stage.slots.map((_, number) => `let P${number};`),
      ...kinds.flatMap((kind, number) =>
        kind === "folded"
          ? [`const { add: add${number}, create: create${number} } = B.combiners[${number}], filler${number} = B.fillers[${number}];`]
          : [],
      ),
      "let C;",
      `function enter(pass) { C = pass.counts; ${stage.slots.map((_, number) => `P${number} = pass.slots[${number}];`).join(" ")} }`,
      ...this.#emitters,
      ...this.#opaque,
      ...heads,
      uniform,
      columns,
      `return { enter, uniform, columns, outputs: [${stage.outputs.map((_, i) => `h${i}`).join(", ")}] };`,
      `//# sourceURL=millrace:stage/${stage.id}.js`,
    ].join("\n");
  }

  /** The slots that steps behind an emitting call write. */
  #slotsBehindCalls(): ReadonlySet<number> {
    const found = new Set<number>();
    const visit = ({ steps, slots }: Output, isBehind: boolean): void => {
      if (isBehind) for (const slot of slots) found.add(slot);
      for (const number of steps)
        for (const output of this.#stage.steps[number]!.outputs) visit(output, isBehind || isOpaque(this.#stage.steps[number]!));
    };
    for (const output of this.#stage.outputs) visit(output, false);
    return found;
  }

  /** The functions that take what emitting steps give out. */
  #writeEmitters(): void {
    this.#stage.steps.forEach((step, number) => {
      if (!isOpaque(step)) return;
      const names = step.outputs.map((output, i) => {
        const name = `e${number}_${i}`;
        this.#emitters.push(this.#emitter(name, output, number));
        return name;
      });
      this.#opaque.push(`const d${number} = B.opaque(${number}, [${names.join(", ")}]);`);
    });
  }

  #emitter(name: string, output: Output, owner: number): string {
    const body = this.#inScope(false, () =>
      this.#output(output, { value: "v", timestamp: "t", windows: "w", pane: "p", stamp: undefined, isSingle: false }),
    );
    // Afterwards the owner goes on, and what it throws is its own fault.
    return `function ${name}(v, t, w, p) {\n${this.#declared()}try {\n${body}} catch (e) { throw ${this.#failure("v")}; }\nS[0] = ${owner};\n}`;
  }

  #main(name: string, stamps: string, place: Omit<Place, "value">): string {
    const body = this.#inScope(true, () => this.#output(this.#stage.outputs[0]!, { ...place, value: "v" }, "n"));
    const slots = [...this.#scope.slots.keys()];
    const stampOf = place.stamp === undefined ? "let t, w, p;" : "const t = stamp.timestamp, w = stamp.windows, p = stamp.pane;";
    const load = place.stamp === undefined ? "t = ts[i]; w = ws[i]; p = ps[i]; " : "";
    const counters = [...this.#scope.counters].map(([index, counter]) => `C[${index}] += ${counter};`);
    return [
      `function ${name}(values, n, ${stamps}) {`,
      stampOf,
      "let v;",
      this.#declared(),
      ...this.#scope.before,
      ...slots.map((number) => this.#reload(number)),
      "S[0] = -1;",
      `try {\nfor (let i = 0; i < n; i++) {\nv = values[i]; ${load}\n${body}}\n} catch (e) { throw ${this.#failure("v")}; }`,
      ...slots.map((number) => this.#giveBack(number)),
      ...this.#scope.after,
      ...counters,
      "}",
    ].join("\n");
  }

  #inScope(isMain: boolean, write: () => string): string {
    this.#scope = { isMain, locals: [], before: [], after: [], inputs: new Map(), counters: new Map(), slots: new Map() };
    return write();
  }

  #declared(): string {
    return this.#scope.locals.length === 0 ? "" : `let ${this.#scope.locals.join(", ")};\n`;
  }

  /** The error that a function throws on: it names the step that ran, and the step's input. */
  #failure(first: string): string {
    const inputs = [...this.#scope.inputs].map(([step, input]) => `S[0] === ${step} ? ${input} : `).join("");
    return `B.fail(e, S[0], ${inputs}${first})`;
  }

  /** Counts what comes, and hands it to each of those who take it. `sameAs` is a counter that always has the same value. */
  #output(output: Output, place: Place, sameAs?: string): string {
    const index = this.#indexes.get(output)!;
    const counting = this.#count(index, sameAs);
    const counter = this.#scope.counters.get(index);
    const steps = output.steps.map((number) => this.#step(number, place, counter));
    const slots = output.slots.map((number) => this.#slot(number, place));
    return [counting, ...steps, ...slots].join("");
  }

  #count(index: number, sameAs: string | undefined): string {
    if (!this.#scope.isMain) return `C[${index}]++;\n`;
    if (sameAs !== undefined) {
      this.#scope.counters.set(index, sameAs);
      return "";
    }
    this.#scope.counters.set(index, this.#local(`c${index}`, "0"));
    return `c${index}++;\n`;
  }

  #local(name: string, initial?: string): string {
    this.#scope.locals.push(initial === undefined ? name : `${name} = ${initial}`);
    return name;
  }

  #step(number: number, place: Place, counter: string | undefined): string {
    const step = this.#stage.steps[number]!;
    const { fn, failure } = step;
    const [output] = step.outputs;
    // Steps that do not look at the element leave a pair that nobody has made yet as it is.
    if (fn.kind === "pass" && failure === undefined) return this.#output(output!, place, counter);
    if (fn.kind === "windowInto" && fn.windowFn.assignAt !== undefined) return this.#windowIntoByTime(number, output!, place, counter);
    if (fn.kind === "keyBy" && fn.constant !== undefined && failure === undefined) {
      const made = place.key === undefined ? "" : this.#pair(number, place);
      const at = place.key === undefined ? place : withPair(place, `v${number}`);
      return made + this.#output(output!, { ...at, key: `K${number}` }, counter);
    }
    const pairMade = place.key === undefined ? "" : this.#pair(number, place);
    const at: Place = place.key === undefined ? place : withPair(place, `v${number}`);
    this.#scope.inputs.set(number, at.value);
    const enter = `${pairMade}S[0] = ${number};\n`;
    if (isOpaque(step)) return `${enter}d${number}(${at.value}, ${at.timestamp}, ${at.windows}, ${at.pane});\n`;

    const x = `x${number}`;
    switch (fn.kind) {
      case "map":
      case "keyBy":
      case "filter":
      case "filterMap":
      case "flatMap":
        return (
          pairMade +
          this.#perWindow(number, at, (inWindow, isOnce) => this.#called(number, fn.kind, output!, inWindow, isOnce ? counter : undefined))
        );
      case "timestamps": {
        const t = this.#local(`t${number}`);
        return `${enter}${t} = B.movedTo(f${number}(${at.value}), ${at.timestamp}, B.fns[${number}].allowedSkew);\n${this.#output(output!, { ...at, timestamp: t, stamp: undefined }, counter)}`;
      }
      case "windowInto":
        return enter + this.#windowInto(number, output!, at, counter);
      case "route": {
        this.#local(x);
        const r = this.#local(`r${number}`);
        const prepared = fn.prepare === undefined ? at.value : `B.fns[${number}].prepare(${at.value})`;
        const out = fn.unwrap === undefined ? x : this.#local(`u${number}`);
        const unwrap = fn.unwrap === undefined ? "" : `${out} = B.fns[${number}].unwrap(${x});\n`;
        const cases = step.outputs.map((each, i) => `case ${i}: {\n${this.#output(each, { ...at, value: out })}break;\n}\n`).join("");
        return `${enter}${x} = ${prepared};\n${r} = f${number}(${x});\n${unwrap}switch (${r}) {\n${cases}}\n`;
      }
      case "pass":
      case "doFn":
      case "async":
      case "split":
      case "read":
        throw new Error(`a ${fn.kind} is not written into a stage`);
    }
  }

  /** A function that looks at its context runs once for each window; others take a value in several windows whole. */
  #perWindow(number: number, place: Place, write: (place: Place, isOnce: boolean) => string): string {
    if (!this.#usesContext(number)) return write(place, true);
    const setContext = (window: string): string =>
      `ctx${number}.timestamp = ${place.timestamp}; ctx${number}.window = ${window}; ctx${number}.pane = ${place.pane};\n`;
    if (place.isSingle) return setContext(`${place.windows}[0]`) + write(place, true);
    const [j, w] = [this.#local(`n${number}`), this.#local(`w${number}`)];
    const inWindow = write({ ...place, windows: w, stamp: undefined, isSingle: true }, false);
    const { windows } = place;
    return `for (${j} = 0; ${j} < ${windows}.length; ${j}++) {\n${w} = ${windows}.length === 1 ? ${windows} : [${windows}[${j}]];\n${setContext(`${w}[0]`)}${inWindow}}\n`;
  }

  #called(
    number: number,
    kind: "map" | "keyBy" | "filter" | "filterMap" | "flatMap",
    output: Output,
    place: Place,
    counter: string | undefined,
  ): string {
    const x = this.#local(`x${number}`);
    const call = `S[0] = ${number};\n${x} = f${number}(${place.value}${this.#usesContext(number) ? `, ctx${number}` : ""});\n`;
    const settled = `if (typeof ${x} === "object" && ${x} !== null && typeof ${x}.then === "function") B.refusePromise(${x});\n`;
    switch (kind) {
      case "map":
        return call + settled + this.#output(output, { ...place, value: x }, counter);
      case "keyBy":
        return call + settled + this.#output(output, { ...place, key: x }, counter);
      case "filter":
        return `${call}if (${x} === true || (${x} !== false && B.isTrue(${x}))) {\n${this.#output(output, place)}}\n`;
      case "filterMap":
        return `${call}${settled}if (${x} !== undefined) {\n${this.#output(output, { ...place, value: x })}}\n`;
      case "flatMap":
        return call + this.#flattened(number, x, output, place);
    }
  }

  /** Arrays in a loop by index. What else can be iterated goes through a function of its own: iterating costs more than the call. */
  #flattened(number: number, x: string, output: Output, place: Place): string {
    const [j, y] = [this.#local(`j${number}`), this.#local(`y${number}`)];
    const { isMain } = this.#scope;
    const inLoop = this.#output(output, { ...place, value: y });
    if (!isMain) return `for (${y} of B.iterableOf(${x})) {\n${inLoop}S[0] = ${number};\n}\n`;
    const rest = this.#iterated(number, output);
    const { timestamp, windows, pane } = place;
    // The function writes the same slots by calls, so what is held of them here is given back for the time being.
    const touched = [...this.#slotsBelow(output)].filter((slot) => this.#direct.has(slot));
    const spill = touched.map((slot) => `${this.#giveBack(slot)}\n`).join("");
    const reload = touched.map((slot) => `${this.#useStamps(slot)} ${this.#reload(slot)}\n`).join("");
    return (
      `if (Array.isArray(${x})) {\nfor (${j} = 0; ${j} < ${x}.length; ${j}++) {\n${y} = ${x}[${j}];\n${inLoop}}\n} else {\n` +
      `${spill}for (${y} of B.iterableOf(${x})) ${rest}(${y}, ${timestamp}, ${windows}, ${pane});\n${reload}}\n`
    );
  }

  /** A function for the elements of an iterable that is no array; one for both main functions. */
  #iterated(number: number, output: Output): string {
    const name = `g${number}`;
    if (this.#emitters.some((text) => text.startsWith(`function ${name}(`))) return name;
    const outer = this.#scope;
    this.#emitters.push(this.#emitter(name, output, number));
    this.#scope = outer;
    return name;
  }

  #slotsBelow({ steps, slots }: Output): ReadonlySet<number> {
    return new Set([
      ...slots,
      ...steps.flatMap((number) => this.#stage.steps[number]!.outputs.flatMap((output) => [...this.#slotsBelow(output)])),
    ]);
  }

  #windowInto(number: number, output: Output, place: Place, counter: string | undefined): string {
    const w = this.#local(`w${number}`);
    // The call stands here, where V8 sees one function, and not in one that all pipelines share.
    const windowFn = `B.fns[${number}].windowFn`;
    const element = `{ value: ${place.value}, timestamp: ${place.timestamp}, windows: ${place.windows} }`;
    const assign = `${w} = B.mustBeAssigned(${windowFn}, ${windowFn}.assign(${element}));\n`;
    return assign + this.#inWindows(number, output, { ...place, windows: w, stamp: undefined, isSingle: false }, counter);
  }

  /** An element that falls into a gap between windows is in none, and goes no further. */
  #inWindows(number: number, output: Output, place: Place, counter: string | undefined): string {
    const { fn } = this.#stage.steps[number]!;
    if (fn.kind !== "windowInto" || fn.windowFn.hasGaps !== true) return this.#output(output, place, counter);
    return `if (${place.windows}.length > 0) {\n${this.#output(output, place)}}\n`;
  }

  /** Windows that only the time decides on: worked out once for all elements that share it, or that follow one another in an interval. */
  #windowIntoByTime(number: number, output: Output, place: Place, counter: string | undefined): string {
    const w = this.#local(`w${number}`);
    const t = place.timestamp;
    const inWindows = { ...place, windows: w, isSingle: false };
    if (place.stamp !== undefined) {
      const stamp = this.#local(`s${number}`);
      this.#scope.before.push(`${w} = B.windowsAt(${number}, ${t}); ${stamp} = { timestamp: ${t}, windows: ${w}, pane: ${place.pane} };`);
      // Who may not be asked is asked again, properly, when an element comes.
      const check = `if (${w} === undefined) { S[0] = ${number}; B.noWindowsAt(${number}, ${t}); }\n`;
      return check + this.#inWindows(number, output, { ...inWindows, stamp }, counter);
    }
    const [from, to] = [this.#local(`a${number}`, "NaN"), this.#local(`b${number}`, "NaN")];
    const ends = `if (${w}.length === 1 && ${w}[0].start <= ${t}) { ${from} = ${w}[0].start; ${to} = ${w}[0].end; } else ${from} = NaN;`;
    const look = `if (!(${t} >= ${from} && ${t} < ${to})) { ${w} = B.windowsAt(${number}, ${t}); if (${w} === undefined) { S[0] = ${number}; B.noWindowsAt(${number}, ${t}); } ${ends} }\n`;
    return look + this.#inWindows(number, output, { ...inWindows, stamp: undefined }, counter);
  }

  #pair(number: number, { key, value }: Place): string {
    const v = this.#local(`v${number}`);
    return `${v} = [${key}, ${value}];\n`;
  }

  #slot(number: number, place: Place): string {
    this.#scope.inputs.set(-2 - number, place.value);
    const at = `S[0] = ${-2 - number};\n`;
    if (!this.#scope.isMain || !this.#direct.has(number) || this.#kinds[number] === "called") return this.#put(number, place);
    if (this.#kinds[number] === "folded" && place.stamp !== undefined) return this.#folded(number, place);
    this.#openSlot(number, place);
    const isKeyed = this.#kinds[number] !== "plain";
    const roll = `if (z${number} === o${number}.capacity) { ${this.#giveBack(number)} o${number}.seal(); ${this.#reload(number)} }\n`;
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
   * Combines as the elements come: the accumulator is a local variable, which begins as what its kind is, so that V8 keeps a
   * number unboxed. What a failed bundle has combined is forgotten with it.
   */
  #folded(number: number, { value, stamp }: Place): string {
    const [accumulator, count] = [this.#local(`a${number}_`, `filler${number}`), this.#local(`n${number}_`, "0")];
    this.#scope.after.push(`if (${count} > 0) P${number}.putFolded(${accumulator}, ${count}, ${stamp});`);
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
    const [i, k, last] = [this.#local(`i${number}`, "-1"), this.#local(`h${number}`), this.#local(`l${number}_`)];
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
    for (const name of ["o", "q", "z"]) this.#local(`${name}${number}`);
    this.#scope.before.push(`o${number} = ${this.#writable(number)}.open; ${this.#useStamps(number)}`);
    const isKeyed = this.#kinds[number] !== "plain";
    if (stamp === undefined)
      for (const name of this.#hasStamps(number) ? ["w", "y", "t", "p"] : ["w", "y"]) this.#local(`${name}${number}_`);
    if (!isKeyed) return;
    this.#local(`k${number}_`);
    this.#local(`m${number}`, `${this.#writable(number)}.keys.byPrimitive`);
    this.#local(`d${number}_`, `${this.#writable(number)}.keys.bySmall`);
  }

  /** Makes a slot's open batch one of the kind that this function writes: calls in between may have made it another. */
  #useStamps(number: number): string {
    const stamp = this.#stampOf(number);
    return stamp === undefined ? `o${number}.useColumns();` : `o${number}.useStamp(${stamp});`;
  }

  /** Gives back what is held of a slot's open batch. */
  #giveBack(number: number): string {
    const earliest = this.#stampOf(number) === undefined ? ` o${number}.earliest = y${number}_;` : "";
    return `o${number}.size = z${number};${earliest}`;
  }

  /** Takes up what a slot's open batch has. */
  #reload(number: number): string {
    const isKeyed = this.#kinds[number] !== "plain";
    const times = !this.#hasStamps(number) ? "" : ` t${number}_ = o${number}.timestamps; p${number}_ = o${number}.panes;`;
    const stamps =
      this.#stampOf(number) === undefined ? ` w${number}_ = o${number}.windows; y${number}_ = o${number}.earliest;${times}` : "";
    const keys = isKeyed ? ` k${number}_ = o${number}.keyIds;` : "";
    return `q${number} = o${number}.values; z${number} = o${number}.size;${stamps}${keys}`;
  }
}

/** A place where the pair has been made. */
const withPair = ({ timestamp, windows, pane, stamp, isSingle }: Place, value: string): Place => ({
  value,
  timestamp,
  windows,
  pane,
  stamp,
  isSingle,
});
