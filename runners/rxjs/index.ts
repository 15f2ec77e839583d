export { rxjsRunner } from "./rxjs-runner.ts";
