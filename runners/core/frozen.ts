import { isStored } from "./spill/stored-list.ts";

/** Freezes plain objects and lists, with all that they hold. */
export function frozen(value: unknown): void {
  if (typeof value !== "object" || value === null || isStored(value) || Object.isFrozen(value)) return;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (!Array.isArray(value) && prototype !== Object.prototype && prototype !== null) return;
  Object.freeze(value);
  for (const part of Object.values(value)) frozen(part);
}
