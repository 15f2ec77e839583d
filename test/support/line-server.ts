import { createServer, type AddressInfo, type Socket } from "node:net";
import { onTestFinished } from "vitest";

/** A peer on this machine that sends what a test says, to whoever connects first. It stops with the test. */
export class LineServer {
  readonly port: number;
  readonly #connected: Promise<Socket>;

  private constructor(port: number, connected: Promise<Socket>) {
    this.port = port;
    this.#connected = connected;
  }

  static async start(): Promise<LineServer> {
    const sockets: Socket[] = [];
    let connected!: (socket: Socket) => void;
    const first = new Promise<Socket>((resolve) => (connected = resolve));
    const server = createServer((socket) => {
      sockets.push(socket);
      socket.on("error", () => {}); // who reads may go away at any time
      connected(socket);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    onTestFinished(async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    });
    return new LineServer((server.address() as AddressInfo).port, first);
  }

  /** Resolves when it has been handed to the system; which is not before somebody reads, where it is much. */
  async send(data: string | Uint8Array): Promise<void> {
    const socket = await this.#connected;
    await new Promise<void>((resolve) => socket.write(data, () => resolve()));
  }

  /** How many bytes wait here because the peer takes no more. */
  async waiting(): Promise<number> {
    return (await this.#connected).writableLength;
  }

  async connected(): Promise<void> {
    await this.#connected;
  }

  async end(): Promise<void> {
    (await this.#connected).end();
  }

  /** Breaks the connection off. */
  async reset(): Promise<void> {
    (await this.#connected).resetAndDestroy();
  }

  /** Resolves when the peer has closed the connection. */
  async closed(): Promise<void> {
    const socket = await this.#connected;
    if (!socket.closed) await new Promise((resolve) => socket.once("close", resolve));
  }
}
