import { DEEPEST, depthProblem, kindOf, subject } from "./part.ts";
import { PipelineError, shortText } from "../errors.ts";

/**
 * A text that two keys share exactly if they are built alike: the same types, and the same parts wherever those lie.
 * Fields, `Map` entries and `Set` members have no order, `-0` equals `0`, `NaN` equals `NaN`; an array's hole is `undefined`.
 *
 * Every part begins with a tag, and what has no fixed length names its length or ends with a sign that no tag is.
 * So no text is the beginning of another, and parts put together can be read in one way only.
 *
 * The text is part of every checkpoint, by the key groups that it gives: a change of it is a change of the format.
 *
 * @throws PipelineError `NOT_ENCODABLE` for class instances, functions, symbols, and what contains itself.
 */
export function canonicalKey(key: unknown): string {
  try {
    return textOf(key, 0);
  } catch (failure) {
    throw failure instanceof Uncomparable ? errorOf(key, failure) : failure;
  }
}

/** A key as a `Map` tells it apart from others: a primitive itself, anything else by its canonical text, which no key of text equals. */
export function identityOf(key: unknown): unknown {
  if (typeof key === "string") return key.startsWith(FORM) ? FORM + key : key;
  return isPrimitive(key) ? key : `${FORM}.${canonicalKey(key)}`;
}

/** Begins what stands for a key that is not itself. */
const FORM = "\0";

/** Whether a key is found as it is; functions and symbols are not, since they are equal to nothing that was sent. */
export function isPrimitive(key: unknown): boolean {
  const type = typeof key;
  return key === null || (type !== "object" && type !== "function" && type !== "symbol");
}

/** Carries the part that has no canonical text up to where the whole key is known. */
class Uncomparable {
  readonly part: unknown;
  readonly isTooDeep: boolean;

  constructor(part: unknown, isTooDeep: boolean) {
    this.part = part;
    this.isTooDeep = isTooDeep;
  }
}

function textOf(value: unknown, depth: number): string {
  switch (typeof value) {
    case "string":
      return `s${value.length}:${value}`;
    case "number":
      return `#${value};`; // -0 is written as 0
    case "boolean":
      return value ? "t" : "f";
    case "bigint":
      return `i${value};`;
    case "undefined":
      return "u";
    case "object":
      return value === null ? "n" : textOfObject(value, depth + 1);
    case "function":
    case "symbol":
      throw new Uncomparable(value, false);
  }
}

function textOfObject(value: object, depth: number): string {
  if (depth > DEEPEST) throw new Uncomparable(value, true);
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === Object.prototype || prototype === null) return textOfFields(value as Readonly<Record<string, unknown>>, depth);
  if (prototype === Array.prototype) return `${textOfList("[", value as readonly unknown[], depth)}]`;
  if (prototype === Date.prototype) return `D${(value as Date).getTime()};`;
  if (ArrayBuffer.isView(value)) return textOfView(value, depth);
  if (prototype === Map.prototype) return `M${textOfEntries(value as ReadonlyMap<unknown, unknown>, depth)})`;
  if (prototype === Set.prototype) return `S${textOfMembers(value as ReadonlySet<unknown>, depth)})`;
  if (prototype === ArrayBuffer.prototype) return `A${textOfBytes(new Uint8Array(value as ArrayBuffer))}`;
  if (prototype === RegExp.prototype) return `R${textOf((value as RegExp).source, depth)}${(value as RegExp).flags};`;
  if (Object.getPrototypeOf(prototype) === null) return textOfFields(value as Readonly<Record<string, unknown>>, depth); // another realm's
  throw new Uncomparable(value, false);
}

function textOfFields(fields: Readonly<Record<string, unknown>>, depth: number): string {
  const names = Object.keys(fields);
  sortNames(names);
  let text = "{";
  for (let i = 0; i < names.length; i++) {
    const name = names[i]!;
    text += `${name.length}:${name}${textOf(fields[name], depth)}`;
  }
  return `${text}}`;
}

/** By insertion where they are few, as they are in keys: `sort` costs more than the rest of such a key. */
function sortNames(names: string[]): void {
  if (names.length > 12) {
    names.sort();
    return;
  }
  for (let i = 1; i < names.length; i++) {
    const name = names[i]!;
    let at = i;
    for (; at > 0 && names[at - 1]! > name; at--) names[at] = names[at - 1]!;
    names[at] = name;
  }
}

function textOfList(start: string, list: ArrayLike<unknown>, depth: number): string {
  let text = start;
  for (let i = 0; i < list.length; i++) text += textOf(list[i], depth);
  return text;
}

const textOfEntries = (map: ReadonlyMap<unknown, unknown>, depth: number): string =>
  Array.from(map, ([key, value]) => textOf(key, depth) + textOf(value, depth))
    .sort()
    .join("");

const textOfMembers = (set: ReadonlySet<unknown>, depth: number): string =>
  Array.from(set, (member) => textOf(member, depth))
    .sort()
    .join("");

/** Bytes by content, a `Buffer` like a `Uint8Array`; other typed arrays by their type and their numbers. */
function textOfView(view: ArrayBufferView, depth: number): string {
  if (view instanceof Uint8Array) return `B${textOfBytes(view)}`;
  if (view instanceof DataView) return `V${textOfBytes(new Uint8Array(view.buffer, view.byteOffset, view.byteLength))}`;
  const typed = view as unknown as ArrayLike<unknown> & { readonly [Symbol.toStringTag]: string };
  return `${textOfList(`T${typed[Symbol.toStringTag]}[`, typed, depth)}]`;
}

/** One character for each byte. */
function textOfBytes(bytes: Uint8Array): string {
  let text = `${bytes.length}:`;
  for (let i = 0; i < bytes.length; i++) text += String.fromCharCode(bytes[i]!);
  return text;
}

function errorOf(key: unknown, { part, isTooDeep }: Uncomparable): PipelineError {
  const why = isTooDeep ? depthProblem(key) : `${subject(key, part)} is ${kindOf(part)}`;
  return new PipelineError("NOT_ENCODABLE", {
    what: `this key cannot be compared with other keys, because ${why}`,
    got: shortText(key),
    fix: "make the key of plain data, or give it a deterministic coder by withCoder(kvCoder(…)) before this step",
  });
}
