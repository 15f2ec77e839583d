import { PipelineError } from "../../sdk/errors.ts";

/** Throws unless both hold equal elements equally often, in any order. */
export function expectSame(actual: readonly unknown[], expected: readonly unknown[], name = "main"): void {
  const missing = new Map<string, number>();
  for (const each of expected) add(missing, textOf(each), 1);
  for (const each of actual) add(missing, textOf(each), -1);
  const wrong = [...missing].filter(([, count]) => count !== 0);
  if (wrong.length === 0) return;
  const lines = wrong.map(([text, count]) => `${count > 0 ? `missing ${count}×` : `unexpected ${-count}×`} ${text}`);
  throw new Error(`the output "${name}" differs from what is expected:\n  ${lines.slice(0, 20).join("\n  ")}`);
}

function add(counts: Map<string, number>, text: string, by: number): void {
  counts.set(text, (counts.get(text) ?? 0) + by);
}

/** A value as text that two values share exactly when they are built alike, fields in any order. */
export function textOf(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value === "bigint") return `${value}n`;
  if (Object.is(value, -0)) return "-0";
  if (typeof value !== "object" || value === null) return String(value);
  if (Array.isArray(value)) return `[${value.map(textOf).join(", ")}]`;
  if (value instanceof Date) return `Date(${value.getTime()})`;
  if (value instanceof Set) return `Set{${[...value].map(textOf).sort().join(", ")}}`;
  if (value instanceof Map)
    return `Map{${[...value]
      .map(([k, v]) => `${textOf(k)} => ${textOf(v)}`)
      .sort()
      .join(", ")}}`;
  if (ArrayBuffer.isView(value)) return `${value.constructor.name}[${[...(value as Uint8Array)].join(", ")}]`;
  if (value instanceof PipelineError) return `${value.code}`;
  return `{${Object.entries(value)
    .map(([name, part]) => `${name}: ${textOf(part)}`)
    .sort()
    .join(", ")}}`;
}
