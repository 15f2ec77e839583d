// Where a worker thread starts. Plain JavaScript, because Node cannot start a thread from TypeScript, which the library
// itself is in its own tests.
import { workerData } from "node:worker_threads";
import { readTypeScript } from "../node/typescript.mjs";

if (workerData.entry.endsWith(".ts")) await readTypeScript(import.meta.url);
await import(workerData.entry);
