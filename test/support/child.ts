import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { onTestFinished } from "vitest";
import { root } from "./repository.ts";

/** What a process left. */
export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

const tsx = pathToFileURL(createRequire(import.meta.url).resolve("tsx")).href;

/** Runs the text of a module in a process of its own, from the sources; the module lies in the root folder. */
export function runProgram(text: string, args: readonly string[] = []): Promise<Ended> {
  const child = spawn(process.execPath, [...args, "--conditions=millrace-source", "--import", tsx, "--input-type=module", "--eval", text], {
    cwd: root,
    stdio: ["ignore", "pipe", "pipe"],
  });
  // One that does not end by itself must not outlive its test.
  onTestFinished(() => void child.kill("SIGKILL"));
  const printed = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) child[name].setEncoding("utf8").on("data", (more: string) => (printed[name] += more));
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) => resolve({ code, signal, ...printed }));
  });
}
