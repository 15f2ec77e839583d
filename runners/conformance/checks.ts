import { comparableText, differenceOf } from "../../sdk/testing/same-elements.ts";

/** Throws unless both hold equal elements equally often, in any order. */
export function mustHold(actual: readonly unknown[], expected: readonly unknown[], output = "main"): void {
  const difference = differenceOf(actual, expected);
  if (difference !== undefined) throw new Error(`the output "${output}" differs from what is expected:\n    ${difference}`);
}

/** Throws unless both are built alike. */
export function mustEqual(actual: unknown, expected: unknown, what: string): void {
  const [found, wanted] = [comparableText(actual), comparableText(expected)];
  if (found !== wanted) throw new Error(`${what} is ${found}, expected is ${wanted}`);
}

/** Throws unless the text has the pattern. */
export function mustMatch(text: string, pattern: RegExp, what: string): void {
  if (!pattern.test(text)) throw new Error(`${what} should match ${String(pattern)}, but is: ${text}`);
}
