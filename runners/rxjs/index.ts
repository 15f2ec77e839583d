export { fromObservable, type FromObservableOptions } from "./from-observable.ts";
export { rxjsRunner } from "./rxjs-runner.ts";
export { toObservable } from "./to-observable.ts";
