import { addExtension, Packr } from "msgpackr";
import { PipelineError, shortText } from "../errors.ts";
import { left, right, type AnyCoder } from "./coder.ts";

/**
 * The coder of a collection that was given none: whatever consists of `undefined`, `null`, booleans, numbers, bigints, strings,
 * arrays, plain objects, `Date`, `Map`, `Set`, `RegExp`, errors, `ArrayBuffer`s and typed arrays.
 *
 * Instances of other classes are `NOT_ENCODABLE`, as they would lose their methods; so are functions, symbols and promises.
 * As a key coder it counts as deterministic, because the engine compares keys by their canonical form and not by these bytes.
 */
export const structuralCoder: AnyCoder = Object.freeze({
  name: "structural",
  deterministic: true,
  encode: (value: unknown) => pack(value),
  decode: (bytes: Uint8Array) => unpack(bytes),
  encodeAll: (values: readonly unknown[]) => pack(values),
  decodeAll(bytes: Uint8Array) {
    const values = unpack(bytes);
    if (values._tag === "Left") return values;
    return Array.isArray(values.right)
      ? right(values.right as readonly unknown[])
      : left("NOT_DECODABLE", "the bytes are no list of values");
  },
});

/** msgpack has no -0: it would come back as 0. */
class NegativeZero {}
/** msgpackr renames a field `__proto__`; an object with one travels as its entries. */
class Fields {
  readonly entries: readonly (readonly [string, unknown])[];

  constructor(entries: readonly (readonly [string, unknown])[]) {
    this.entries = entries;
  }
}

addExtension({ Class: NegativeZero, type: 0x50, pack: () => new Uint8Array(0), unpack: () => -0 });
addExtension({
  Class: Fields,
  type: 0x51,
  write: (fields: Fields) => fields.entries,
  read: (entries: readonly (readonly [string, unknown])[]) => Object.fromEntries(entries),
});

const packr = new Packr({ structuredClone: true, moreTypes: true });

// Copied: what pack returns is a view into a buffer of many kilobytes that msgpackr goes on using.
const pack = (value: unknown): Uint8Array => Uint8Array.from(packr.pack(packable(value, 0)));

function unpack(bytes: Uint8Array) {
  try {
    return right(packr.unpack(bytes) as unknown);
  } catch (error) {
    return left("NOT_DECODABLE", error instanceof Error ? error.message : String(error));
  }
}

/** The value itself, unless a part of it needs another form; refuses what would lose something on the way. */
function packable(value: unknown, depth: number): unknown {
  switch (typeof value) {
    case "number":
      return Object.is(value, -0) ? new NegativeZero() : value;
    case "object":
      return value === null ? null : packableObject(value, depth);
    case "function":
    case "symbol":
      return refuse(value, "functions and symbols cannot leave their thread");
    default:
      return value;
  }
}

function packableObject(value: object, depth: number): unknown {
  if (depth > 500) return refuse(value, "it is nested deeper than 500 levels, or contains itself");
  if (Array.isArray(value)) return packableList(value, depth);
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === Object.prototype || prototype === null) return packableFields(value as Record<string, unknown>, depth);
  if (value instanceof Map)
    return changed([...value].flat(1), depth)
      ? new Map([...value].map(([k, v]) => [packable(k, depth + 1), packable(v, depth + 1)]))
      : value;
  if (value instanceof Set) return changed([...value], depth) ? new Set([...value].map((part) => packable(part, depth + 1))) : value;
  if (ArrayBuffer.isView(value) || builtIns.has(prototype) || value instanceof Error) return value;
  return refuse(value, `instances of ${value.constructor?.name ?? "a class"} would lose their methods`);
}

const builtIns = new Set<unknown>([Date.prototype, RegExp.prototype, ArrayBuffer.prototype]);

function packableList(list: readonly unknown[], depth: number): readonly unknown[] {
  for (let i = 0; i < list.length; i++) {
    const part = packable(list[i], depth + 1);
    if (Object.is(part, list[i])) continue;
    return [...list.slice(0, i), part, ...list.slice(i + 1).map((later) => packable(later, depth + 1))];
  }
  return list;
}

function packableFields(fields: Record<string, unknown>, depth: number): unknown {
  const names = Object.keys(fields);
  if (names.includes("__proto__")) return new Fields(names.map((name) => [name, packable(fields[name], depth + 1)]));
  for (const name of names) {
    const part = packable(fields[name], depth + 1);
    if (!Object.is(part, fields[name])) return Object.fromEntries(names.map((each) => [each, packable(fields[each], depth + 1)]));
  }
  return fields;
}

const changed = (parts: readonly unknown[], depth: number): boolean => parts.some((part) => !Object.is(packable(part, depth + 1), part));

function refuse(value: unknown, why: string): never {
  throw new PipelineError("NOT_ENCODABLE", {
    what: `the structural coder cannot take this value: ${why}`,
    got: shortText(value),
    fix: "map it to plain data before, or give the collection a coder of its own by withCoder(…)",
  });
}
