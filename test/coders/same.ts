type Fields = Readonly<Record<string, unknown>>;
type Same = (a: unknown, b: unknown) => boolean;

/** Whether nothing got lost on the way: the same types, content and order, with -0 and 0 told apart. Only the lack of a prototype may. */
export const identical: Same = (a, b) =>
  Object.is(a, b) || (bothObjects(a, b) && typeOf(a) === typeOf(b) && samePartsInOrder(contentOf(a), contentOf(b), identical));

/** Whether two keys are one: built alike, where fields, entries and members have no order, -0 is 0, and a hole is `undefined`. */
export const equalKeys: Same = (a, b) => {
  if (!bothObjects(a, b)) return a === b || Object.is(a, b);
  if (typeOf(a, "Buffer is a Uint8Array") !== typeOf(b, "Buffer is a Uint8Array")) return false;
  const hasOrder = Array.isArray(a) || ArrayBuffer.isView(a) || a instanceof ArrayBuffer;
  return (hasOrder ? samePartsInOrder : samePartsInAnyOrder)(contentOf(a), contentOf(b), equalKeys);
};

const bothObjects = (a: unknown, b: unknown): a is object => typeof a === "object" && typeof b === "object" && a !== null && b !== null;

function typeOf(value: unknown, buffers?: string): string {
  if (buffers === undefined && Buffer.isBuffer(value)) return "Buffer";
  return Object.prototype.toString.call(value);
}

/** What is inside an object, as a list; for fields and entries a list of pairs. */
function contentOf(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return Array.from(value as readonly unknown[]);
  if (value instanceof Map || value instanceof Set) return [...(value as Iterable<unknown>)];
  if (value instanceof Date) return [value.getTime()];
  if (value instanceof RegExp) return [`${value.source}/${value.flags}`];
  if (value instanceof ArrayBuffer) return [...new Uint8Array(value)];
  if (value instanceof DataView) return [...new Uint8Array(value.buffer, value.byteOffset, value.byteLength)];
  if (ArrayBuffer.isView(value)) return [...(value as unknown as Iterable<unknown>)];
  if (value instanceof Error)
    return Object.getOwnPropertyNames(value)
      .sort()
      .map((name) => [name, (value as unknown as Fields)[name]]);
  return Object.entries(value as Fields);
}

const samePartsInOrder = (a: readonly unknown[], b: readonly unknown[], isSame: Same): boolean =>
  a.length === b.length && a.every((part, i) => isSame(part, b[i]));

/** Each part with one of the other's, none used twice. Which of several equal ones does not matter. */
function samePartsInAnyOrder(a: readonly unknown[], b: readonly unknown[], isSame: Same): boolean {
  const left = [...b];
  const taken = a.every((part) => {
    const at = left.findIndex((each) => isSame(part, each));
    if (at >= 0) left.splice(at, 1);
    return at >= 0;
  });
  return taken && left.length === 0;
}
