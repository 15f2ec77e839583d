import { Undecodable } from "./byte-reader.ts";

/** An error as plain data: its class, and what it has of its own. */
export type ErrorData = readonly [kind: number, properties: readonly (readonly [name: string, value: unknown, isEnumerable: boolean])[]];

/** The classes that every realm has. An error of another class comes back as the first of these that it is an instance of. */
const classes = [EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError, AggregateError, Error];

/** Takes an error apart: message, stack, cause and fields, and the name where its class is not enough to tell it. */
export function dataOf(error: Error): ErrorData {
  const kind = classes.findIndex((each) => error instanceof each);
  const own = Object.getOwnPropertyNames(error);
  const names = new Set([
    ...own,
    ...(error.message === "" ? [] : ["message"]),
    ...(error.name === classes[kind]!.prototype.name ? [] : ["name"]),
  ]);
  const properties = Array.from(names, (name) => [name, Reflect.get(error, name) as unknown, isEnumerable(error, name)] as const);
  return [kind, properties];
}

/** Puts an error together again. */
export function errorOf([kind, properties]: ErrorData): Error {
  const Class = classes[kind];
  if (Class === undefined) throw new Undecodable(`no class of errors has the number ${kind}`);
  const error = Class === AggregateError ? new AggregateError([]) : new (Class as ErrorConstructor)();
  for (const [name, value, isEnumerableHere] of properties) {
    Object.defineProperty(error, name, { value, enumerable: isEnumerableHere, configurable: true, writable: true });
  }
  return error;
}

const isEnumerable = (error: Error, name: string): boolean => Object.prototype.propertyIsEnumerable.call(error, name);
