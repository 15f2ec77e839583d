type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

/** Compiles where the type of the value is exactly `A`: `is<number>()(1 + 1)`. */
export function is<A>() {
  return <B>(_value: B & (Equal<A, B> extends true ? unknown : { "not equal": [A, B] })): void => {};
}
