import type { ElementFn } from "../../sdk/graph.ts";
import type { Output, Stage } from "./plan.ts";
import { SlotSource, type SlotKind } from "./slot-source.ts";
import { FunctionScope, withPair, type Place } from "./source-scope.ts";
import { outputIndexes } from "./stage-loop.ts";
import { isOpaque } from "./step-call.ts";

type Route = Extract<ElementFn, { readonly kind: "route" }>;

/** An element as it comes into a function. */
const WHOLE: Place = { value: "v", timestamp: "t", windows: "w", pane: "p", stamp: undefined, isSingle: false, isShared: false };

/**
 * The text of a stage's loop. It holds two main functions, one for elements that share their stamp and one for columns of
 * stamps, and a function for each output of a step that emits by a call.
 *
 * Names: `v` the element, `f3` the function of step 3, `x3` what it gave, `S` the cursor that says which step runs, `P2` slot 2
 * (see {@link SlotSource}).
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
  #scope!: FunctionScope;
  #slots!: SlotSource;

  constructor(stage: Stage, kinds: readonly SlotKind[], usesContext: (step: number) => boolean) {
    this.#stage = stage;
    this.#kinds = kinds;
    this.#usesContext = usesContext;
    this.#indexes = outputIndexes(stage);
    this.#direct = new Set(stage.slots.map((_, number) => number).filter((number) => !this.#slotsBehindCalls().has(number)));
    this.#writeEmitters();
    // What comes one by one, from heads that wait, goes through functions like those of emitting steps.
    const heads = stage.outputs.map((output, i) => this.#emitter(`h${i}`, output, -1));
    const uniform = this.#main("uniform", "stamp", { ...WHOLE, stamp: "stamp", isSingle: true });
    const columns = this.#main("columns", "ts, ws, ps", WHOLE);
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
    this.#enterFunction(false);
    const body = this.#output(output, WHOLE);
    const { kept, owned } = this.#scope;
    // Afterwards the owner goes on, and what it throws is its own fault.
    return `function ${name}(v, t, w, p) {\n${kept}${owned}try {\n${body}} catch (e) { throw ${this.#scope.failure("v")}; }\nS[0] = ${owner};\n}`;
  }

  /** It catches within the loop: what an element leaves behind need not be kept for the next one, in case that throws. */
  #main(name: string, stamps: string, place: Place): string {
    this.#enterFunction(true);
    const body = this.#output(this.#stage.outputs[0]!, place, "n");
    const { kept, owned, before, after, counters } = this.#scope;
    const slots = [...this.#scope.slots.keys()];
    return [
      `function ${name}(values, from, to, ${stamps}) {`,
      "const n = to - from;",
      place.stamp === undefined ? "" : "const t = stamp.timestamp, w = stamp.windows, p = stamp.pane;",
      kept,
      ...before,
      ...slots.map((number) => this.#slots.reload(number)),
      "S[0] = -1;",
      "for (let i = from; i < to; i++) {",
      `let v = values[i]${place.stamp === undefined ? stampRead(body) : ""};`,
      owned,
      `try {\n${body}} catch (e) { throw ${this.#scope.failure("v")}; }`,
      "}",
      ...slots.map((number) => this.#slots.giveBack(number)),
      ...after,
      ...[...counters].map(([index, counter]) => `C[${index}] += ${counter};`),
      "}",
    ].join("\n");
  }

  #enterFunction(isMain: boolean): void {
    this.#scope = new FunctionScope(isMain);
    this.#slots = new SlotSource(this.#kinds, this.#direct, this.#scope);
  }

  /** Counts what comes, and hands it to each of those who take it. `sameAs` is a counter that always has the same value. */
  #output(output: Output, place: Place, sameAs?: string): string {
    const index = this.#indexes.get(output)!;
    const counting = this.#count(index, sameAs);
    const counter = this.#scope.counters.get(index);
    const isShared = place.isShared || output.steps.length + output.slots.length > 1;
    const steps = output.steps.map((number) => this.#step(number, { ...place, isShared }, counter));
    const slots = output.slots.map((number) => this.#slots.write(number, place));
    return [counting, ...steps, ...slots].join("");
  }

  #count(index: number, sameAs: string | undefined): string {
    if (!this.#scope.isMain) return `C[${index}]++;\n`;
    if (sameAs !== undefined) {
      this.#scope.counters.set(index, sameAs);
      return "";
    }
    this.#scope.counters.set(index, this.#scope.local(`c${index}`, "0"));
    return `c${index}++;\n`;
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
        const t = this.#scope.own(`t${number}`);
        return `${enter}${t} = B.movedTo(f${number}(${at.value}), ${at.timestamp}, B.fns[${number}].allowedSkew);\n${this.#output(output!, { ...at, timestamp: t, stamp: undefined }, counter)}`;
      }
      case "windowInto":
        return enter + this.#windowInto(number, output!, at, counter);
      case "route":
        return pairMade + this.#perWindow(number, at, (inWindow) => this.#routed(number, fn, step.outputs, inWindow));
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
    const [j, w] = [this.#scope.own(`n${number}`), this.#scope.own(`w${number}`)];
    const inWindow = write({ ...place, windows: w, stamp: undefined, isSingle: true, isShared: true }, false);
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
    const x = this.#scope.own(`x${number}`);
    const call = `S[0] = ${number};\n${x} = f${number}(${place.value}${this.#usesContext(number) ? `, ctx${number}` : ""});\n`;
    const settled = `if (typeof ${x} === "object" && ${x} !== null && typeof ${x}.then === "function") B.refusePromise(${x});\n`;
    switch (kind) {
      case "map":
        return call + settled + this.#given(x, place, (at) => this.#output(output, at, counter));
      case "keyBy":
        return call + settled + this.#output(output, { ...place, key: x }, counter);
      case "filter":
        return `${call}if (${x} === true || (${x} !== false && B.isTrue(${x}))) {\n${this.#output(output, place)}}\n`;
      case "filterMap":
        return `${call}${settled}if (${x} !== undefined) {\n${this.#given(x, place, (at) => this.#output(output, at))}}\n`;
      case "flatMap":
        return call + this.#flattened(number, x, output, place);
    }
  }

  #routed(number: number, { prepare, unwrap }: Route, outputs: readonly Output[], place: Place): string {
    const [x, r] = [this.#scope.own(`x${number}`), this.#scope.own(`r${number}`)];
    const prepared = prepare === undefined ? place.value : `B.fns[${number}].prepare(${place.value})`;
    const call = `S[0] = ${number};\n${x} = ${prepared};\n${r} = f${number}(${x}${this.#usesContext(number) ? `, ctx${number}` : ""});\n`;
    const out = unwrap === undefined ? x : this.#scope.own(`u${number}`);
    const unwrapped = unwrap === undefined ? "" : `${out} = B.fns[${number}].unwrap(${x});\n`;
    const cases = outputs
      .map((each, i) => `case ${i}: {\n${this.#output(each, { ...place, value: out, isShared: false })}break;\n}\n`)
      .join("");
    return `${call}${unwrapped}switch (${r}) {\n${cases}}\n`;
  }

  /**
   * Takes on what a step gave, in the variable of what it was given, where nobody needs that any more: all that an error might
   * name is kept until the end of the element, and keeping many values costs more than small steps do.
   */
  #given(x: string, place: Place, write: (place: Place) => string): string {
    if (place.isShared) return write({ ...place, value: x, isShared: false });
    return `${place.value} = ${x};\n${write(place)}`;
  }

  /** Arrays in a loop by index. What else can be iterated goes through a function of its own: iterating costs more than the call. */
  #flattened(number: number, x: string, output: Output, place: Place): string {
    const [j, y] = [this.#scope.own(`j${number}`), this.#scope.own(`y${number}`)];
    const { isMain } = this.#scope;
    const inLoop = this.#output(output, { ...place, value: y, isShared: false });
    if (!isMain) return `for (${y} of B.iterableOf(${x})) {\n${inLoop}S[0] = ${number};\n}\n`;
    const rest = this.#iterated(number, output);
    const { timestamp, windows, pane } = place;
    // The function writes the same slots by calls, so what is held of them here is given back for the time being.
    const touched = [...this.#slotsBelow(output)].filter((slot) => this.#direct.has(slot));
    const spill = touched.map((slot) => `${this.#slots.giveBack(slot)}\n`).join("");
    const reload = touched.map((slot) => `${this.#slots.useStamps(slot)} ${this.#slots.reload(slot)}\n`).join("");
    return (
      `if (Array.isArray(${x})) {\nfor (${j} = 0; ${j} < ${x}.length; ${j}++) {\n${y} = ${x}[${j}];\n${inLoop}}\n} else {\n` +
      `${spill}for (${y} of B.iterableOf(${x})) ${rest}(${y}, ${timestamp}, ${windows}, ${pane});\n${reload}}\n`
    );
  }

  /** A function for the elements of an iterable that is no array; one for both main functions. */
  #iterated(number: number, output: Output): string {
    const name = `g${number}`;
    if (this.#emitters.some((text) => text.startsWith(`function ${name}(`))) return name;
    const [scope, slots] = [this.#scope, this.#slots];
    this.#emitters.push(this.#emitter(name, output, number));
    [this.#scope, this.#slots] = [scope, slots];
    return name;
  }

  #slotsBelow({ steps, slots }: Output): ReadonlySet<number> {
    return new Set([
      ...slots,
      ...steps.flatMap((number) => this.#stage.steps[number]!.outputs.flatMap((output) => [...this.#slotsBelow(output)])),
    ]);
  }

  #windowInto(number: number, output: Output, place: Place, counter: string | undefined): string {
    const w = this.#scope.own(`w${number}`);
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
    const w = this.#scope.local(`w${number}`);
    const t = place.timestamp;
    const inWindows = { ...place, windows: w, isSingle: false };
    if (place.stamp !== undefined) {
      const stamp = this.#scope.local(`s${number}`);
      this.#scope.before.push(`${w} = B.windowsAt(${number}, ${t}); ${stamp} = { timestamp: ${t}, windows: ${w}, pane: ${place.pane} };`);
      // Who may not be asked is asked again, properly, when an element comes.
      const check = `if (${w} === undefined) { S[0] = ${number}; B.noWindowsAt(${number}, ${t}); }\n`;
      return check + this.#inWindows(number, output, { ...inWindows, stamp }, counter);
    }
    const [from, to] = [this.#scope.local(`a${number}`, "NaN"), this.#scope.local(`b${number}`, "NaN")];
    const ends = `if (${w}.length === 1 && ${w}[0].start <= ${t}) { ${from} = ${w}[0].start; ${to} = ${w}[0].end; } else ${from} = NaN;`;
    const look = `if (!(${t} >= ${from} && ${t} < ${to})) { ${w} = B.windowsAt(${number}, ${t}); if (${w} === undefined) { S[0] = ${number}; B.noWindowsAt(${number}, ${t}); } ${ends} }\n`;
    return look + this.#inWindows(number, output, { ...inWindows, stamp: undefined }, counter);
  }

  #pair(number: number, { key, value }: Place): string {
    const v = this.#scope.own(`v${number}`);
    return `${v} = [${key}, ${value}];\n`;
  }
}

/** Takes an element's stamp out of its columns, as far as anybody looks at it. */
const stampRead = (body: string): string =>
  ["t", "w", "p"]
    .filter((part) => new RegExp(`\\b${part}\\b`).test(body))
    .map((part) => `, ${part} = ${part}s[i]`)
    .join("");
