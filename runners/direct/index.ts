export { directRunner } from "./direct-runner.ts";
export type { Cut } from "../core/scheduler.ts";
