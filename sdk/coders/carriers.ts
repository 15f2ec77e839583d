import { Undecodable } from "./byte-reader.ts";
import { dataOf, errorOf, type ErrorData } from "./error-data.ts";
import { isPlainObject, isSpecialName } from "./plain.ts";
import { isWellFormed, textOf, utf16 } from "./text.ts";

/*
 * What msgpackr would change travels in an `ArrayBuffer`, and so that nothing is taken for it, real ones beside it do too: the first
 * byte says what it is, the rest is encoded on its own. msgpackr has extensions for that, but one list of them for the whole
 * process, which belongs to the user: two that chose the same number would read each other's bytes.
 */
const ARRAY_BUFFER = 0;
const NEGATIVE_ZERO = 1;
const TEXT = 2;
const FIELDS = 3;
const ERROR = 4;

/** How the inside of a carrier is encoded and decoded: as the whole value is. */
export interface Inside {
  readonly encode: (value: unknown) => Uint8Array;
  readonly decode: (bytes: Uint8Array) => unknown;
}

/** The same value with carriers where msgpackr would change something. What was one object stays one. */
export function withCarriers(value: unknown, { encode }: Inside): unknown {
  const replaced = new Map<object, unknown>();
  const replace = (part: unknown): unknown => {
    if (Object.is(part, -0)) return carrier(NEGATIVE_ZERO);
    if (typeof part === "string") return isWellFormed(part) ? part : carrier(TEXT, utf16(part));
    if (typeof part !== "object" || part === null) return part;
    if (!replaced.has(part)) replaced.set(part, replaceObject(part));
    return replaced.get(part);
  };
  const replaceObject = (part: object): unknown => {
    if (Array.isArray(part)) return Array.from(part, replace);
    if (part instanceof Map) return new Map(Array.from(part, ([key, inner]) => [replace(key), replace(inner)]));
    if (part instanceof Set) return new Set(Array.from(part, replace));
    if (part instanceof ArrayBuffer) return carrier(ARRAY_BUFFER, new Uint8Array(part));
    if (part instanceof Error) return carrier(ERROR, encode(dataOf(part)));
    if (!isPlainObject(part)) return part;
    const fields = Object.entries(part);
    if (fields.some(([name]) => isSpecialName(name))) return carrier(FIELDS, encode(fields));
    return Object.fromEntries(fields.map(([name, inner]) => [name, replace(inner)]));
  };
  return replace(value);
}

/** Puts the values back that carriers stand for, in place. */
export function withoutCarriers(value: unknown, { decode }: Inside): unknown {
  const restored = new Map<object, unknown>();
  const restore = (part: unknown): unknown => {
    if (typeof part !== "object" || part === null) return part;
    if (restored.has(part)) return restored.get(part);
    const whole = part instanceof ArrayBuffer ? carried(new Uint8Array(part), decode) : part;
    restored.set(part, whole);
    if (whole === part) restoreParts(part, restore);
    return whole;
  };
  return restore(value);
}

function restoreParts(value: object, restore: (part: unknown) => unknown): void {
  if (Array.isArray(value)) for (let i = 0; i < value.length; i++) value[i] = restore(value[i]);
  else if (value instanceof Map) {
    const entries = [...value];
    value.clear();
    for (const [key, part] of entries) value.set(restore(key), restore(part));
  } else if (value instanceof Set) {
    const parts = [...value];
    value.clear();
    for (const part of parts) value.add(restore(part));
  } else if (isPlainObject(value)) {
    const fields = value as Record<string, unknown>;
    for (const name of Object.keys(fields)) fields[name] = restore(fields[name]);
  }
}

function carrier(kind: number, content: Uint8Array = new Uint8Array()): ArrayBuffer {
  const bytes = new Uint8Array(1 + content.length);
  bytes[0] = kind;
  bytes.set(content, 1);
  return bytes.buffer;
}

function carried(bytes: Uint8Array, decode: Inside["decode"]): unknown {
  const content = bytes.subarray(1);
  const kind = bytes[0]!;
  switch (kind) {
    case ARRAY_BUFFER:
      return new Uint8Array(content).buffer;
    case NEGATIVE_ZERO:
      return -0;
    case TEXT:
      return textOf(content);
    case FIELDS:
      return Object.fromEntries(decode(content) as readonly (readonly [string, unknown])[]);
    case ERROR:
      return errorOf(decode(content) as ErrorData);
    default:
      throw new Undecodable(`nothing is carried as ${kind}`);
  }
}
