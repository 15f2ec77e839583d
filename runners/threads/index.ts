export { threadsRunner, type ThreadsOptions } from "./threads-runner.ts";
