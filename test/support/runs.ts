import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { onTestFinished } from "vitest";
import { collect, type Collected, type PCollection, type Pipeline, type Runner } from "millrace";
import { directRunner, type Cut } from "millrace/runners/direct";
import { rxjsRunner } from "millrace/runners/rxjs";
import { threadsRunner } from "millrace/runners/threads";

/** The runners that share the caller's thread, for pipelines that a test writes inline. */
export const localRunners: readonly (readonly [name: string, make: (cut?: Cut) => Runner])[] = [
  ["directRunner", directRunner],
  ["rxjsRunner", rxjsRunner],
];

const threadsRunners = new Map<string, Runner>();

/** With one thread, and one pool for each cut: starting a thread takes longer than most of these runs. */
function sharedThreadsRunner(cut: Cut = {}): Runner {
  const name = JSON.stringify(cut);
  const runner = threadsRunners.get(name) ?? threadsRunner({ threads: 1, ...cut });
  threadsRunners.set(name, runner);
  return runner;
}

/** All runners, for pipelines that are modules. */
export const runners: readonly (readonly [name: string, make: (cut?: Cut) => Runner])[] = [
  ...localRunners,
  ["threadsRunner", sharedThreadsRunner],
];

/** A folder of its own for the test that runs. */
export function ownFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "millrace-runs-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A file that steps on any thread write to, a line for each event. */
export class EventLog {
  readonly path = join(ownFolder(), "events.txt");

  get events(): readonly string[] {
    try {
      return readFileSync(this.path, "utf8").split("\n").slice(0, -1);
    } catch {
      return []; // nothing has happened yet
    }
  }

  /** Waits for an event. */
  async until(event: string): Promise<void> {
    await until(() => this.events.includes(event));
  }
}

/** Lets the event loop turn until something has come true; the test's timeout ends it. */
export async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await setImmediate();
}

/** Lets everything happen that is ready to, and what follows from it. */
export async function settled(turns = 20): Promise<void> {
  for (let i = 0; i < turns; i++) await setImmediate();
}

/** What a run fails with. */
export const failureOfRun = (run: Promise<unknown>): Promise<unknown> =>
  run.then(
    () => {
      throw new Error("the run should have failed");
    },
    (error: unknown) => error,
  );

/** What a pipeline makes. */
export async function collectedBy<T>(runner: Runner, build: (p: Pipeline) => PCollection<T>): Promise<readonly T[]> {
  let handle!: Collected<T>;
  const result = await runner.run((p) => void (handle = build(p).apply("Collect", collect())));
  return result.collected(handle);
}

/** Elements as texts, in an order that does not depend on how they came. */
export const inOrder = (elements: readonly unknown[]): readonly string[] => elements.map((each) => JSON.stringify(each)).toSorted();
