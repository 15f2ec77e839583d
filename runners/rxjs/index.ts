export {
  fromObservable,
  type BoundedObservableOptions,
  type FromObservableOptions,
  type UnboundedObservableOptions,
} from "./from-observable.ts";
export { rxjsRunner } from "./rxjs-runner.ts";
export { toObservable } from "./to-observable.ts";
