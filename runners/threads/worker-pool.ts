import { Worker, type MessagePort } from "node:worker_threads";
import { PipelineError } from "../../sdk/errors.ts";
import type { Woken } from "../core/rests.ts";
import { decodeError } from "./error-codec.ts";
import type { FromWorker, Numbered, ToWorker } from "./protocol.ts";

/** How long a worker may take to let go of what is open, in ms, before it is ended by force. */
const GRACE_MS = 2_000;

/** A worker thread that answers each message with one. */
export class PooledWorker {
  readonly #worker: Worker;
  readonly #waiting = new Map<number, { readonly resolve: (answer: FromWorker) => void; readonly reject: (error: unknown) => void }>();
  #asked = 0;
  #death: PipelineError | undefined;

  constructor(name: string) {
    // Beside this file, in the form in which this file itself is: TypeScript in the library's own tests, JavaScript elsewhere.
    const isSource = import.meta.url.endsWith(".ts");
    this.#worker = new Worker(new URL("./bootstrap.mjs", import.meta.url), {
      name,
      workerData: { entry: new URL(isSource ? "./worker.ts" : "./worker.js", import.meta.url).href },
      ...(isSource ? { execArgv: ["--conditions=millrace-source"] } : {}),
    });
    this.#worker.on("message", (given: Numbered<FromWorker> | Woken) => {
      if (!("number" in given)) {
        this.onWoken(given);
        return;
      }
      const { number, message } = given;
      this.#waiting.get(number)?.resolve(message);
      this.#waiting.delete(number);
    });
    this.#worker.on("error", (error) => this.#die(`it failed: ${firstLine(error)}`, error));
    this.#worker.on("messageerror", (error) => this.#die(`a message could not be read: ${error.message}`, error));
    this.#worker.on("exit", (code) => this.#die(`it ended with exit code ${code}`));
  }

  /** Is told of parts that rest there and may be read on. */
  onWoken: (woken: Woken) => void = () => {};

  /** Whether it has worked for a run before. */
  wasUsed = false;

  get isAlive(): boolean {
    return this.#death === undefined;
  }

  /** Sends a message, and the ports that it names; resolves with its answer, rejects with the error that came instead. */
  ask(message: ToWorker, ports: readonly MessagePort[] = []): Promise<FromWorker> {
    if (this.#death !== undefined) return Promise.reject(this.#death);
    const number = this.#asked++;
    const answer = new Promise<FromWorker>((resolve, reject) => this.#waiting.set(number, { resolve, reject }));
    this.#worker.postMessage({ number, message } satisfies Numbered<ToWorker>, [...ports]);
    return answer.then((given) => {
      if (given.kind === "failed") throw decodeError(given.error);
      return given;
    });
  }

  /** Keeps the process alive, or lets it end although the worker is there. */
  keepAlive(isNeeded: boolean): void {
    if (isNeeded) this.#worker.ref();
    else this.#worker.unref();
  }

  async terminate(): Promise<void> {
    await this.#worker.terminate();
  }

  #die(how: string, cause?: unknown): void {
    this.#death ??= new PipelineError("WORKER_DIED", {
      what: `a worker thread has died: ${how}`,
      fix: "look for process.exit(), for what runs out of memory, and for errors outside of the pipeline's own functions",
      cause,
    });
    for (const { reject } of this.#waiting.values()) reject(this.#death);
    this.#waiting.clear();
  }
}

/** Worker threads that outlive a run: starting one costs more than many a run. */
export class WorkerPool {
  readonly #idle: PooledWorker[] = [];
  #made = 0;

  take(count: number): readonly PooledWorker[] {
    return Array.from({ length: count }, () => {
      const worker = this.#takeIdle() ?? this.fresh();
      worker.keepAlive(true);
      return worker;
    });
  }

  /** A worker that nobody has used. */
  fresh(): PooledWorker {
    return new PooledWorker(`millrace-${++this.#made}`);
  }

  /** One that has died meanwhile is of no use. */
  #takeIdle(): PooledWorker | undefined {
    for (;;) {
      const worker = this.#idle.pop();
      if (worker === undefined || worker.isAlive) return worker;
    }
  }

  /** Ends the workers' part in a run. Those whose run failed are not used again, since user code may have left anything behind. */
  async giveBack(workers: readonly PooledWorker[], hasFailed: boolean): Promise<void> {
    await Promise.all(workers.map((worker) => this.#giveBack(worker, hasFailed)));
  }

  async #giveBack(worker: PooledWorker, hasFailed: boolean): Promise<void> {
    worker.onWoken = () => {};
    const ended = worker.ask({ kind: "end", hasFailed });
    if (!hasFailed) {
      try {
        await ended;
      } catch (error) {
        await worker.terminate();
        throw error;
      }
      worker.keepAlive(false);
      worker.wasUsed = true;
      this.#idle.push(worker);
      return;
    }
    await Promise.race([ended.catch(() => {}), new Promise((resolve) => setTimeout(resolve, GRACE_MS).unref())]);
    await worker.terminate();
  }
}

/** What an error says in one line; an error of ours repeats its fix on others. */
const firstLine = (error: unknown): string => (error instanceof Error ? error.message : String(error)).split("\n")[0]!;
