import { shortText } from "../errors.ts";

/** Deeper than this no value is encoded, so that one that contains itself, or a long linked list, cannot overflow the stack. */
export const DEEPEST = 500;

/** Whether the part of a value is the one that is looked for; `ancestors` are the objects it lies in, outermost first. */
type IsSought = (part: unknown, ancestors: ReadonlySet<unknown>) => boolean;

/** Where the first such part lies in a value, as `.items[3].when`: the empty text for the value itself, `undefined` where there is none. */
export function pathTo(value: unknown, isSought: IsSought): string | undefined {
  const ancestors = new Set<unknown>();
  const done = new Set<unknown>();
  const walk = (part: unknown): string | undefined => {
    if (isSought(part, ancestors)) return "";
    if (typeof part !== "object" || part === null || done.has(part) || ancestors.size > DEEPEST) return undefined;
    done.add(part);
    ancestors.add(part);
    for (const [step, inner] of partsOf(part)) {
      const path = walk(inner);
      if (path !== undefined) return step + path;
    }
    ancestors.delete(part);
    return undefined;
  };
  return walk(value);
}

/** Why a value that is nested too deep is: where it contains itself, else how deep it is. */
export function depthProblem(value: unknown): string {
  const path = pathTo(value, (part, ancestors) => ancestors.has(part));
  return path === undefined ? `it is nested deeper than ${DEEPEST} levels` : `it contains itself at ${cut(path)}`;
}

/** The place of a part as the subject of a sentence: `its part .items[3].when`, or `it`. */
export function subject(value: unknown, part: unknown): string {
  const path = pathTo(value, (each) => Object.is(each, part));
  return path === undefined || path === "" ? "it" : `its part ${cut(path)}`;
}

/** What a value without a plain form is called in a message. */
export function kindOf(value: unknown): string {
  if (typeof value === "function") return "a function";
  if (typeof value === "symbol") return "a symbol";
  const name: unknown = (Object.getPrototypeOf(value) as { readonly constructor?: { readonly name?: unknown } } | null)?.constructor?.name;
  return `an instance of ${typeof name === "string" && name !== "" ? name : "a class"}`;
}

function* partsOf(value: object): Iterable<readonly [step: string, part: unknown]> {
  if (ArrayBuffer.isView(value)) return;
  if (Array.isArray(value)) for (let i = 0; i < value.length; i++) yield [`[${i}]`, value[i]];
  else if (value instanceof Map) yield* partsOfMap(value);
  else if (value instanceof Set) for (const part of value) yield [".values()", part];
  else
    for (const name of namesOf(value)) yield [isIdentifier.test(name) ? `.${name}` : `[${JSON.stringify(name)}]`, Reflect.get(value, name)];
}

function* partsOfMap(map: ReadonlyMap<unknown, unknown>): Iterable<readonly [step: string, part: unknown]> {
  for (const [key, part] of map) {
    yield [".keys()", key];
    yield [`.get(${shortText(key, 40)})`, part];
  }
}

/** An error's cause is not enumerable. */
const namesOf = (value: object): readonly string[] => (value instanceof Error ? Object.getOwnPropertyNames(value) : Object.keys(value));

const isIdentifier = /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u;

const cut = (path: string): string => (path.length > 120 ? `${path.slice(0, 119)}…` : path);
