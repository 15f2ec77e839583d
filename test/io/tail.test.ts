import { appendFileSync, renameSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { map, monotonicWatermark, tap, type PipelineError, type RunningPipeline } from "millrace";
import { tailText, type TailTextOptions } from "millrace/io/text";
import { TailedFile } from "../../io/text/tailed-file.ts";
import { directRunner, type Cut } from "millrace/runners/direct";
import { rxjsRunner } from "millrace/runners/rxjs";
import { ownFolder, until } from "../support/runs.ts";

/** A run that follows a file. */
function tailing(options: TailTextOptions = {}, { text, cut = {} }: { readonly text?: string; readonly cut?: Cut } = {}) {
  const path = join(ownFolder(), "app.log");
  if (text !== undefined) writeFileSync(path, text);
  const seen: string[] = [];
  const running = rxjsRunner(cut).start(
    (p) => void p.apply("Lines", tailText(path, { pollInterval: 5, ...options })).apply(tap((line) => void seen.push(line))),
  );
  running.done.catch(() => {});
  onTestFinished(async () => void (await running.cancel().catch(() => {})));
  const has = (...lines: readonly string[]): Promise<void> => until(() => lines.join() === seen.join());
  return { path, seen, running, has };
}

const failureOf = ({ done }: RunningPipeline): Promise<PipelineError> =>
  done.then(
    () => expect.fail("the run should have failed"),
    (error: unknown) => error as PipelineError,
  );

describe("a file that grows", () => {
  test.each([{}, { elementsPerBundle: 1 }])("is read from its start, and then as lines are added, %o", async (cut) => {
    const { path, has, running } = tailing({}, { text: "one\ntwo\nthr", cut });
    await has("one", "two");
    appendFileSync(path, "ee\r\n\nfo");
    await has("one", "two", "three", "");
    appendFileSync(path, "ur\n");
    await has("one", "two", "three", "", "four");
    expect((await running.stop()).state).toBe("STOPPED");
  });

  test("is read from its end, if that is asked for", async () => {
    const path = join(ownFolder(), "app.log");
    writeFileSync(path, "old\nunfin");
    const file = new TailedFile({ path, startsAtEnd: true, maxLineBytes: 100 });
    expect(await file.read()).toEqual({ lines: [], bytes: 0 });
    appendFileSync(path, "ished\nnew\n");
    expect(await file.read()).toEqual({ lines: ["ished", "new"], bytes: 10 });
    await file.close();
  });

  test("may come later, and is read from its start then, whatever is asked for", async () => {
    const path = join(ownFolder(), "app.log");
    const file = new TailedFile({ path, startsAtEnd: true, maxLineBytes: 100 });
    expect(await file.read()).toEqual({ lines: [], bytes: 0 });
    writeFileSync(path, "first\n");
    expect(await file.read()).toEqual({ lines: ["first"], bytes: 6 });
    await file.close();
  });

  test("is told of between two reads, and then read at once", async () => {
    const path = join(ownFolder(), "app.log");
    writeFileSync(path, "one\n");
    const file = new TailedFile({ path, startsAtEnd: false, maxLineBytes: 100 });
    await file.read();
    const stop = file.onChange(() => {});
    stop();
    let told = 0;
    appendFileSync(path, "two\n");
    await until(() => {
      file.onChange(() => void told++)();
      return told > 0;
    });
    expect(await file.read()).toEqual({ lines: ["two"], bytes: 4 });
    await file.close();
  });

  test("may be cut anywhere, also within a character", async () => {
    const { path, has, seen } = tailing({}, { text: "" });
    for (const byte of Buffer.from("žluť\n日本\n")) {
      appendFileSync(path, Uint8Array.of(byte));
      await new Promise((resolve) => setImmediate(resolve));
    }
    await has("žluť", "日本");
    expect(seen).toHaveLength(2);
  });

  test("is read in order where it is larger than a block", async () => {
    const lines = Array.from({ length: 20_000 }, (_, i) => `line ${i}`);
    const { has, seen } = tailing({}, { text: `${lines.join("\n")}\n` });
    await has(...lines);
    expect(seen).toHaveLength(lines.length);
  });

  test("that is replaced by another one is read to its end, and then the other one", async () => {
    const { path, has, seen } = tailing({}, { text: "one\n" });
    await has("one");
    renameSync(path, `${path}.1`);
    appendFileSync(`${path}.1`, "two\nunfinished");
    writeFileSync(path, "three\n");
    await has("one", "two", "unfinished", "three");
    expect(seen).toHaveLength(4);
  });

  test("that is gone for a while is read on when its name is there again", async () => {
    const { path, has, seen } = tailing({}, { text: "one\n" });
    await has("one");
    rmSync(path);
    writeFileSync(path, "two\n");
    await has("one", "two");
    expect(seen).toHaveLength(2);
  });

  test("that is cut short is read from its beginning", async () => {
    const { path, has, seen } = tailing({}, { text: "one\ntwo\n" });
    await has("one", "two");
    truncateSync(path, 0);
    appendFileSync(path, "three\n");
    await has("one", "two", "three");
    expect(seen).toHaveLength(3);
  });

  test("has event times of its own where a watermark comes with them", async () => {
    const path = join(ownFolder(), "app.log");
    writeFileSync(path, "5\n7\n");
    const seen: unknown[] = [];
    const running = rxjsRunner().start((p) => {
      const lines = p.apply(tailText(path, { timestampOf: Number, watermark: monotonicWatermark() }));
      lines.apply(map((line, { timestamp }) => void seen.push([line, timestamp])));
    });
    await until(() => seen.length === 2);
    await running.drain();
    expect(seen).toEqual([
      ["5", 5],
      ["7", 7],
    ]);
  });

  test("says how much there is to read", async () => {
    const { path, has, running } = tailing({}, { text: "one\n" });
    await has("one");
    await until(() => running.status().find(({ step }) => step === "Lines/Read")?.backlog === 0);
    const file = new TailedFile({ path, startsAtEnd: true, maxLineBytes: 100 });
    await file.read();
    appendFileSync(path, "twelve bytes");
    expect(await file.backlog()).toBe(12);
    await file.close();
  });

  test("a cancel lets go of it", async () => {
    const { has, running } = tailing({ pollInterval: 100_000 }, { text: "one\n" });
    await has("one");
    expect((await running.cancel()).state).toBe("CANCELLED");
  });
});

describe("what cannot be followed", () => {
  test("a folder fails the run, with its path", async () => {
    const folder = ownFolder();
    const error = await failureOf(rxjsRunner().start((p) => void p.apply("Lines", tailText(folder))));
    expect(error.code).toBe("READ_FAILED");
    expect(error.message).toMatch(/EISDIR/);
    expect(error.message).toContain(folder);
  });

  test("a line that is too long fails the run", async () => {
    const { running } = tailing({ maxLineBytes: 10 }, { text: "0123456789ab" });
    const error = await failureOf(running);
    expect(error.code).toBe("READ_FAILED");
    expect(error.message).toContain("a line is longer than 10 bytes");
  });

  test.each([
    [{ from: "middle" as "start" }, "begins from the"],
    [{ pollInterval: 0 }, "the poll interval of tailText"],
    [{ maxLineBytes: 0.5 }, "maxLineBytes of tailText"],
    [{ timestampOf: Number }, "nothing says how far they have got"],
  ])("%o is refused while the pipeline is built", (options, text) => {
    expect(() => tailText("app.log", options)).toThrow(text);
  });

  test("no path is refused", () => {
    expect(() => tailText("")).toThrow("the path of tailText is that of one file");
  });

  test("directRunner refuses it, since it has no end", async () => {
    await expect(directRunner().run((p) => void p.apply("Lines", tailText("app.log")))).rejects.toMatchObject({ code: "NOT_SUPPORTED" });
  });
});
