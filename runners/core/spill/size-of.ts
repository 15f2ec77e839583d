/** So many parts of a list or a table stand for all of them, and so many fields of an object. */
const SAMPLED = 8;
const SAMPLED_FIELDS = 32;
/** Below so many levels all is taken for small. */
const DEEPEST = 5;

const SMALL = 16;
const POINTER = 8;
const OBJECT = 24;
/** A pair of a table, with what it is found by. */
const ENTRY = 32;

/** About how many bytes of memory a value takes. It looks at a few parts of what is large, so it costs the same for any value. */
export function sizeOf(value: unknown, depth = 0): number {
  if (typeof value === "string") return OBJECT + value.length * (isWide(value) ? 2 : 1);
  if (typeof value === "bigint") return OBJECT;
  if (typeof value !== "object" || value === null) return typeof value === "number" && !isSmall(value) ? SMALL : 0;
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return 4 * OBJECT + value.byteLength;
  if (depth === DEEPEST) return 2 * OBJECT;
  if (Array.isArray(value)) return 2 * OBJECT + value.length * (POINTER + meanOf(evenly(value), depth));
  if (value instanceof Map)
    return 4 * OBJECT + value.size * (ENTRY + meanOf(first(value.values()), depth) + meanOf(first(value.keys()), depth));
  if (value instanceof Set) return 4 * OBJECT + value.size * (ENTRY + meanOf(first(value), depth));
  const fields = Object.values(value);
  const looked = fields.length > SAMPLED_FIELDS ? evenly(fields) : fields;
  return OBJECT + fields.length * (POINTER + meanOf(looked, depth));
}

/** What stands in a pointer's place. */
const isSmall = (value: number): boolean => (value | 0) === value;

/** By one of its characters: a text takes two bytes for each where it has one that needs them, mostly all of them. */
const isWide = (text: string): boolean => text.charCodeAt(text.length >> 1) > 0xff || text.charCodeAt(0) > 0xff;

function meanOf(parts: readonly unknown[], depth: number): number {
  if (parts.length === 0) return 0;
  let sum = 0;
  for (const part of parts) sum += sizeOf(part, depth + 1);
  return sum / parts.length;
}

function evenly(list: readonly unknown[]): readonly unknown[] {
  if (list.length <= SAMPLED) return list;
  return Array.from({ length: SAMPLED }, (_, i) => list[Math.floor((i * list.length) / SAMPLED)]);
}

function first(parts: Iterable<unknown>): readonly unknown[] {
  const some: unknown[] = [];
  for (const part of parts) {
    some.push(part);
    if (some.length === SAMPLED) break;
  }
  return some;
}
