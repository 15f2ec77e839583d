/** How two collections of elements differ, in any order; nothing where each holds the same elements equally often. */
export function differenceOf(actual: readonly unknown[], expected: readonly unknown[]): string | undefined {
  const missing = new Map<string, number>();
  for (const each of expected) add(missing, comparableText(each), 1);
  for (const each of actual) add(missing, comparableText(each), -1);
  const wrong = [...missing].filter(([, count]) => count !== 0);
  if (wrong.length === 0) return undefined;
  const lines = wrong.map(([text, count]) => `${count > 0 ? "missing" : "unexpected"}${times(Math.abs(count))} ${text}`);
  return lines.length > MOST_LINES
    ? [...lines.slice(0, MOST_LINES), `and ${lines.length - MOST_LINES} more`].join("\n    ")
    : lines.join("\n    ");
}

const MOST_LINES = 20;

const times = (count: number): string => (count === 1 ? "" : ` ${count} times`);

function add(counts: Map<string, number>, text: string, by: number): void {
  counts.set(text, (counts.get(text) ?? 0) + by);
}

/** A value as text that two values share exactly when they are built alike, the fields of objects in any order. */
export function comparableText(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value === "bigint") return `${value}n`;
  if (Object.is(value, -0)) return "-0";
  if (typeof value === "symbol" || typeof value === "function") return String(value);
  if (typeof value !== "object" || value === null) return String(value);
  return textOfObject(value);
}

function textOfObject(value: object): string {
  if (Array.isArray(value)) return `[${Array.from(value, comparableText).join(", ")}]`;
  if (value instanceof Date) return `Date(${value.getTime()})`;
  if (value instanceof RegExp) return String(value);
  if (value instanceof Error) return `${value.name}(${JSON.stringify(value.message)})`;
  if (value instanceof Set) return `Set{${sorted([...value].map(comparableText))}}`;
  if (value instanceof Map) return `Map{${sorted([...value].map(([key, each]) => `${comparableText(key)} => ${comparableText(each)}`))}}`;
  if (ArrayBuffer.isView(value))
    return `${value.constructor.name}[${Array.from(value as unknown as ArrayLike<unknown>, String).join(", ")}]`;
  // An iterable without another form is what it gives: a group's values may be an array or may lie elsewhere.
  if (Symbol.iterator in value) return `[${Array.from(value as Iterable<unknown>, comparableText).join(", ")}]`;
  return `{${sorted(Object.entries(value).map(([name, part]) => `${name}: ${comparableText(part)}`))}}`;
}

const sorted = (texts: readonly string[]): string => texts.toSorted().join(", ");
