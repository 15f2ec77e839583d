import { dataOf } from "./error-data.ts";
import { DEEPEST } from "./part.ts";
import { isWellFormed } from "./text.ts";

/** Carries the part that makes a value impossible to encode up to where the whole value is known. */
export class NotPlain {
  readonly part: unknown;
  readonly isTooDeep: boolean;

  constructor(part: unknown, isTooDeep: boolean) {
    this.part = part;
    this.isTooDeep = isTooDeep;
  }
}

/** Whether an object has no class: a literal, one without a prototype, or one of another realm. */
export function isPlainObject(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null || Object.getPrototypeOf(prototype) === null;
}

/**
 * Goes through a value once. The answer is whether msgpackr alone would change a part of it: -0, strings with half a
 * surrogate pair, fields of a few names, and errors.
 *
 * @throws NotPlain for parts that would lose something on the way, and below 500 levels.
 */
export function hasSpecialParts(value: unknown, depth: number): boolean {
  const walk: Walk = { objects: 0, seen: undefined, isSpecial: false };
  look(value, depth, walk);
  return walk.isSpecial;
}

interface Walk {
  objects: number;
  /** What was entered, and whether it was left again; kept once there is so much that some of it may be there many times over. */
  seen: Map<object, boolean> | undefined;
  isSpecial: boolean;
}

const MANY_OBJECTS = 100_000;

function look(value: unknown, depth: number, walk: Walk): void {
  switch (typeof value) {
    case "number":
      if (value === 0 && 1 / value < 0) walk.isSpecial = true;
      return;
    case "string":
      if (!isWellFormed(value)) walk.isSpecial = true;
      return;
    case "object":
      if (value !== null) lookInto(value, depth + 1, walk);
      return;
    case "function":
    case "symbol":
      throw new NotPlain(value, false);
    case "bigint":
    case "boolean":
    case "undefined":
  }
}

function lookInto(value: object, depth: number, walk: Walk): void {
  if (depth > DEEPEST) throw new NotPlain(value, true);
  const wasLeft = walk.seen?.get(value);
  if (wasLeft === true) return;
  if (wasLeft === false) throw new NotPlain(value, true);
  walk.seen?.set(value, false);
  lookIntoOnce(value, depth, walk);
  if (walk.seen !== undefined) walk.seen.set(value, true);
  else if (++walk.objects > MANY_OBJECTS) walk.seen = new Map();
}

function lookIntoOnce(value: object, depth: number, walk: Walk): void {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === Array.prototype) {
    const list = value as readonly unknown[];
    for (let i = 0; i < list.length; i++) look(list[i], depth, walk);
  } else if (prototype === Object.prototype || prototype === null) {
    lookAtFields(value as Readonly<Record<string, unknown>>, depth, walk);
  } else if (!leaves.has(prototype)) lookAtOther(value, prototype, depth, walk);
}

/** By `for … in`, which is twice as fast as a list of the names. So what someone gave to all objects comes by too, and is passed over. */
function lookAtFields(fields: Readonly<Record<string, unknown>>, depth: number, walk: Walk): void {
  for (const name in fields) {
    if (isSpecialName(name)) walk.isSpecial = true;
    const part = fields[name];
    if (typeof part !== "function" || Object.hasOwn(fields, name)) look(part, depth, walk);
  }
}

function lookAtOther(value: object, prototype: unknown, depth: number, walk: Walk): void {
  if (prototype === Map.prototype) {
    for (const [key, part] of value as ReadonlyMap<unknown, unknown>) {
      look(key, depth, walk);
      look(part, depth, walk);
    }
  } else if (prototype === Set.prototype) {
    for (const part of value as ReadonlySet<unknown>) look(part, depth, walk);
  } else if (value instanceof Error) {
    walk.isSpecial = true;
    for (const [, part] of dataOf(value)[1]) look(part, depth, walk);
  } else if (isPlainObject(value)) lookAtFields(value, depth, walk);
  else throw new NotPlain(value, false);
}

/** msgpackr writes the first as `__proto_`, and takes the second for a list of its own. */
export const isSpecialName = (name: string): boolean => name === "__proto__" || name === "__keys__" || !isWellFormed(name);

/** Instances that msgpackr takes whole. */
const leaves = new Set<unknown>(
  [
    Date,
    RegExp,
    ArrayBuffer,
    DataView,
    Buffer,
    Int8Array,
    Uint8Array,
    Uint8ClampedArray,
    Int16Array,
    Uint16Array,
    Int32Array,
    Uint32Array,
    Float32Array,
    Float64Array,
    BigInt64Array,
    BigUint64Array,
  ].map(({ prototype }) => prototype as unknown),
);
