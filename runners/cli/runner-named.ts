import type { Runner } from "../../sdk/running.ts";
import type { RunnerName } from "./command-line.ts";

/** Loads the runner that is asked for, and no other: each brings a platform library of its own. */
export async function runnerNamed(name: RunnerName, threads: number | undefined): Promise<Runner> {
  switch (name) {
    case "direct":
      return (await import("../direct/index.ts")).directRunner();
    case "rxjs":
      return (await import("../rxjs/index.ts")).rxjsRunner();
    case "threads":
      return (await import("../threads/index.ts")).threadsRunner(threads === undefined ? {} : { threads });
  }
}
