import { connect, type Socket } from "node:net";
import { PipelineError } from "../../sdk/errors.ts";
import { NEVER, type Duration } from "../../sdk/time.ts";
import { ArrivingLines } from "../lines/arriving-lines.ts";

/** How the lines of a connection are taken. */
export interface SocketLinesOptions {
  readonly host: string;
  readonly port: number;
  /** In ms. */
  readonly connectTimeout: Duration;
  /** In ms; `NEVER` for none. */
  readonly timeout: Duration;
  readonly maxLineBytes: number;
  readonly bufferBytes: number;
}

/** Lines that have been taken off a connection. */
export interface TakenLines {
  readonly lines: readonly string[];
  /** How many bytes came since the last call. */
  readonly bytes: number;
  /** Whether the peer has closed the connection, and nothing more comes. */
  readonly isOver: boolean;
}

/**
 * The lines that a TCP peer sends. When too much of them waits the connection is paused, so that the peer is slowed down: TCP keeps
 * its own buffers, and says no more to it.
 */
export class SocketLines {
  readonly #options: SocketLinesOptions;
  readonly #socket: Socket;
  readonly #lines = new ArrivingLines();
  #waiting: string[] = [];
  #waitingBytes = 0;
  #bytes = 0;
  #isOver = false;
  #failure: PipelineError | undefined;
  #notify: () => void = () => {};

  constructor(options: SocketLinesOptions) {
    const { host, port, connectTimeout, timeout } = options;
    this.#options = options;
    this.#socket = connect({ host, port });
    this.#socket.setTimeout(connectTimeout);
    this.#socket.once("connect", () => this.#socket.setTimeout(timeout === NEVER ? 0 : timeout));
    this.#socket.on("timeout", () => {
      if (this.#socket.connecting) this.#fail(`the connection was not made within ${connectTimeout} ms`, undefined, FIX_PEER);
      else this.#fail(`nothing came for ${timeout} ms`, undefined, FIX_SILENCE);
    });
    this.#socket.on("data", (bytes) => this.#take(bytes));
    this.#socket.on("end", () => this.#end());
    this.#socket.on("error", (error) => this.#fail(`the connection failed: ${error.message}`, error, FIX_PEER));
  }

  /** What waits. Throws what the connection has failed with, after what came before that. */
  take(): TakenLines {
    if (this.#waiting.length === 0 && this.#failure !== undefined) throw this.#failure;
    const taken = { lines: this.#waiting, bytes: this.#bytes, isOver: this.#isOver };
    this.#waiting = [];
    this.#waitingBytes = 0;
    this.#bytes = 0;
    if (this.#socket.isPaused()) this.#socket.resume();
    return taken;
  }

  /** Lines that were not to be given out yet. */
  putBack(lines: readonly string[]): void {
    if (lines.length > 0) this.#waiting = [...lines, ...this.#waiting];
  }

  /** Calls back whenever something has come, until the returned function is called. */
  onArrival(notify: () => void): () => void {
    this.#notify = notify;
    return () => {
      this.#notify = () => {};
    };
  }

  close(): void {
    this.#socket.destroy();
  }

  #take(bytes: Buffer): void {
    this.#bytes += bytes.length;
    this.#waitingBytes += bytes.length;
    for (const line of this.#lines.take(bytes)) this.#waiting.push(line);
    if (this.#lines.begunBytes > this.#options.maxLineBytes) {
      this.#fail(
        `a line is longer than ${this.#options.maxLineBytes} bytes`,
        undefined,
        "raise maxLineBytes, or let the peer end its lines",
      );
    } else if (this.#waitingBytes > this.#options.bufferBytes) this.#socket.pause();
    this.#notify();
  }

  /** The peer has closed: what it has left without an end is a line. */
  #end(): void {
    if (this.#failure === undefined) this.#waiting.push(...this.#lines.end());
    this.#isOver = true;
    this.#notify();
  }

  #fail(what: string, cause: unknown, fix: string): void {
    const { host, port } = this.#options;
    this.#failure ??= new PipelineError("READ_FAILED", { what, at: `${host}:${port}`, fix, cause });
    this.#socket.destroy();
    this.#notify();
  }
}

const FIX_PEER = "see whether the peer runs there, and whether it may be reached from here";
const FIX_SILENCE = "see whether the peer still sends, or give a longer timeout";
