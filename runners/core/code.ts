/**
 * The one place where text becomes code. The text is the engine's own and holds numbers and names of its own only; users'
 * functions and data come in through `bindings`.
 *
 * @throws EvalError where the process does not allow it (`node --disallow-code-generation-from-strings`).
 */
// oxlint-disable-next-line typescript/no-implied-eval
export const codeOf = <A>(text: string, bindings: unknown): A => (new Function("B", text) as (bindings: unknown) => A)(bindings);

let allowed: boolean | undefined;

/** Whether this process allows text to become code; asked once. */
export function mayGenerate(): boolean {
  return (allowed ??= triedToGenerate());
}

function triedToGenerate(): boolean {
  try {
    return codeOf<boolean>("return true", undefined);
  } catch {
    return false;
  }
}
