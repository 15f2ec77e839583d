import type { AnyDoFn } from "../../../sdk/do-fn.ts";
import type { StateDeclaration } from "../../../sdk/state/specs.ts";
import type { TimerDeclaration } from "../../../sdk/timer.ts";
import type { Declared, KeyState } from "./key-state.ts";
import { OneTimer, TimersByTag, type TimerSetting } from "./timer-handle.ts";

/** The states that a DoFn declares, in the order of their numbers. */
export const statesOf = (doFn: AnyDoFn): readonly Declared<StateDeclaration>[] => declaredBy(doFn.state);

/** The timers that a DoFn declares, in the order of their numbers. */
export const timersOf = (doFn: AnyDoFn): readonly Declared<TimerDeclaration>[] => declaredBy(doFn.timers);

const declaredBy = <A>(record: unknown): readonly Declared<A>[] =>
  Object.entries((record ?? {}) as Readonly<Record<string, A>>).map(([name, declaration]) => ({ name, declaration }));

/** Gives what a DoFn finds as `ctx.state` or `ctx.timers` for a key and window. */
export type MembersOf = (owner: KeyState) => object;

/** What has a cell for each declared state, under its name. */
export const cellsByName = (states: readonly Declared<StateDeclaration>[]): MembersOf =>
  withMembers(states, (owner, number) => owner.cell(number));

/** What has each declared timer, under its name. */
export const timersByName = (timers: readonly Declared<TimerDeclaration>[], setting: TimerSetting): MembersOf =>
  withMembers(timers, (owner, number) => {
    const declared = timers[number]!;
    return new (declared.declaration.isFamily ? TimersByTag : OneTimer)(owner, number, declared, setting);
  });

/** No name that a DoFn could give to a state or a timer. */
const OWNER = Symbol("owner");

/** Gives objects whose members are made when they are asked for: most calls use few of them. */
function withMembers(declared: readonly Declared<unknown>[], make: (owner: KeyState, number: number) => unknown): MembersOf {
  class Members {
    readonly [OWNER]: KeyState;

    constructor(owner: KeyState) {
      this[OWNER] = owner;
    }
  }
  declared.forEach(({ name }, number) => {
    Object.defineProperty(Members.prototype, name, {
      enumerable: true,
      get(this: Members) {
        return make(this[OWNER], number);
      },
    });
  });
  return declared.length === 0 ? () => NO_MEMBERS : (owner) => new Members(owner);
}

const NO_MEMBERS = Object.freeze({});
