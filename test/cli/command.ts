import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { root } from "../support/repository.ts";

/** What a command left. */
export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** How a command is run. */
export interface Circumstances {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** A shell script in which the command is `"$@"`. */
  readonly script?: string;
  /** Called with all that was printed to stdout so far, each time when there is more. */
  readonly onOutput?: (stdout: string, kill: (signal: NodeJS.Signals) => void) => void;
}

const tsx = pathToFileURL(createRequire(import.meta.url).resolve("tsx")).href;
const main = join(root, "runners/cli/main.ts");

/** Runs the command from the sources, so that no build can be stale. */
export function millrace(args: readonly string[], { env = {}, cwd = root, script, onOutput }: Circumstances = {}): Promise<Ended> {
  const node = ["--conditions=millrace-source", "--import", tsx, main, ...args];
  const [program, given] = script === undefined ? [process.execPath, node] : ["sh", ["-c", script, "sh", process.execPath, ...node]];
  const child = spawn(program, given, {
    cwd,
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const ended = { stdout: "", stderr: "" };
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    ended.stdout += text;
    onOutput?.(ended.stdout, (signal) => child.kill(signal));
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => (ended.stderr += text));
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, ...ended }));
  });
}
