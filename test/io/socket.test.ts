import { createServer, type AddressInfo } from "node:net";
import { describe, expect, test } from "vitest";
import { map, monotonicWatermark, tap, type PipelineError, type RunningPipeline } from "millrace";
import { readSocket, type ReadSocketOptions } from "millrace/io/socket";
import { directRunner, type Cut } from "millrace/runners/direct";
import { rxjsRunner } from "millrace/runners/rxjs";
import { LineServer } from "../support/line-server.ts";
import { until } from "../support/runs.ts";

/** A run that reads the lines of a server. */
async function reading(options: Partial<ReadSocketOptions> = {}, cut: Cut = {}) {
  const server = await LineServer.start();
  const seen: string[] = [];
  const running = rxjsRunner(cut).start(
    (p) =>
      void p.apply("Lines", readSocket({ host: "127.0.0.1", port: server.port, ...options })).apply(tap((line) => void seen.push(line))),
  );
  running.done.catch(() => {});
  return { server, seen, running };
}

const failureOf = ({ done }: RunningPipeline): Promise<PipelineError> =>
  done.then(
    () => expect.fail("the run should have failed"),
    (error: unknown) => error as PipelineError,
  );

describe("lines from a socket", () => {
  test.each([{}, { elementsPerBundle: 1 }])(
    "are read as they come, and the end of the connection is that of the source, %o",
    async (cut) => {
      const { server, seen, running } = await reading({}, cut);
      await server.send("one\ntw");
      await until(() => seen.length === 1);
      await server.send("o\r\n\nthr");
      await until(() => seen.length === 3);
      await server.send("ee");
      await server.end();
      expect((await running.done).state).toBe("DONE");
      expect(seen).toEqual(["one", "two", "", "three"]);
    },
  );

  test("may be cut anywhere, also within a character", async () => {
    const { server, seen, running } = await reading();
    for (const byte of Buffer.from("žluť\n日本\n")) await server.send(Uint8Array.of(byte));
    await server.end();
    await running.done;
    expect(seen).toEqual(["žluť", "日本"]);
  });

  test("have event times of their own where a watermark comes with them", async () => {
    const server = await LineServer.start();
    const seen: unknown[] = [];
    const source = readSocket({ host: "127.0.0.1", port: server.port, timestampOf: Number, watermark: monotonicWatermark() });
    const running = rxjsRunner().start((p) => void p.apply(source).apply(map((line, ctx) => seen.push([line, ctx.timestamp]))));
    await server.send("5\n7\n");
    await server.end();
    await running.done;
    expect(seen).toEqual([
      ["5", 5],
      ["7", 7],
    ]);
    expect(() => readSocket({ host: "a", port: 1, timestampOf: Number })).toThrow(/BAD_ARGUMENT[^]*monotonicWatermark/);
  });

  test("slow the peer down when nobody reads them", async () => {
    const server = await LineServer.start();
    let read = 0;
    let mostWaiting = 0;
    const source = readSocket({ host: "127.0.0.1", port: server.port, bufferBytes: 10_000 });
    const running = rxjsRunner().start((p) => {
      p.apply(source).apply(
        tap((line) => {
          read += line.length;
        }),
      );
    });
    await server.connected();
    const megabytes = 24;
    const sent = server.send(`${"x".repeat(1_023)}\n`.repeat(1_024 * megabytes));
    mostWaiting = await server.waiting();
    await sent;
    await server.end();
    await running.done;
    expect(read).toBe(1_023 * 1_024 * megabytes);
    expect(mostWaiting).toBeGreaterThan(0);
  });

  test("let go of the connection when the run is stopped, drained or cancelled", async () => {
    for (const how of ["stop", "drain", "cancel"] as const) {
      const { server, seen, running } = await reading();
      await server.send("a\n");
      await until(() => seen.length === 1);
      expect((await running[how]()).state).toMatch(/^(STOPPED|DRAINED|CANCELLED)$/);
      await server.closed();
    }
  });
});

describe("a connection that fails", () => {
  test("is refused: the error names the peer and the step", async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    await new Promise((resolve) => server.close(resolve));
    const run = rxjsRunner().run((p) => void p.apply("Lines", readSocket({ host: "127.0.0.1", port })));
    await expect(run).rejects.toMatchObject({
      code: "READ_FAILED",
      message: expect.stringMatching(new RegExp(`ECONNREFUSED[^]*Lines[^]*127\\.0\\.0\\.1:${port}`)),
    });
  });

  test("has no peer of that name", async () => {
    const run = rxjsRunner().run((p) => void p.apply("Lines", readSocket({ host: "nobody.invalid", port: 1 })));
    await expect(run).rejects.toMatchObject({ code: "READ_FAILED", message: expect.stringMatching(/nobody\.invalid:1/) });
  });

  test("is broken off: what came before is given out", async () => {
    const { server, seen, running } = await reading();
    await server.send("a\n");
    await until(() => seen.length === 1);
    await server.reset();
    expect(await failureOf(running)).toMatchObject({ code: "READ_FAILED", message: expect.stringMatching(/ECONNRESET/) });
    expect(seen).toEqual(["a"]);
  });

  test("stalls, where a limit is set", async () => {
    const { server, seen, running } = await reading({ timeout: 20 });
    await server.send("a\n");
    expect(await failureOf(running)).toMatchObject({ code: "READ_FAILED", message: expect.stringMatching(/nothing came for 20 ms/) });
    expect(seen).toEqual(["a"]);
  });

  test("brings a line without an end", async () => {
    const { server, running } = await reading({ maxLineBytes: 1_000 });
    await server.send(`ok\n${"x".repeat(2_000)}`);
    expect(await failureOf(running)).toMatchObject({
      code: "READ_FAILED",
      message: expect.stringMatching(/longer than 1000 bytes[^]*127\.0\.0\.1[^]*maxLineBytes/),
    });
  });

  test.each([
    { host: "", port: 1 },
    { host: "a", port: 0 },
    { host: "a", port: 65_536 },
    { host: "a", port: 1, maxLineBytes: 0 },
    { host: "a", port: 1, bufferBytes: 0.5 },
    { host: "a", port: 1, timeout: -1 },
  ])("cannot be asked for by %o", (options) => {
    expect(() => readSocket(options)).toThrow(/BAD_ARGUMENT/);
  });

  test("is not made on a runner for bounded input", async () => {
    const run = directRunner().run((p) => void p.apply("Lines", readSocket({ host: "127.0.0.1", port: 1 })));
    await expect(run).rejects.toMatchObject({ code: "NOT_SUPPORTED" });
  });
});
