import { describe, expect, test } from "vitest";
import { millrace } from "../cli/command.ts";
import { LineServer } from "../support/line-server.ts";

describe.each(["rxjs", "threads"])("socket-word-count.ts on %s", (runner) => {
  test("counts words as they come, previews them, and has counted them all when the peer closes", async () => {
    const server = await LineServer.start();
    const options = ["--host", "127.0.0.1", "--port", String(server.port)];
    const ended = millrace(["run", "docs/examples/socket-word-count.ts", "--runner", runner, "--quiet", "--", ...options], {
      // The first preview comes after a second, if the window has not ended by then.
      onOutput: () => void server.end(),
    });
    await server.send("To be, or not to be\n");
    await server.send("that is the question\n");
    const { code, stdout, stderr } = await ended;
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const lines = stdout.trimEnd().split("\n");
    for (const preview of lines.filter((line) => line.startsWith("("))) expect(preview).toMatch(/^\(\p{L}+ \d\)$/u);
    // The words may come to lie in two windows.
    const totals = new Map<string, number>();
    for (const line of lines.filter((each) => !each.startsWith("("))) {
      const [word, n] = line.split(" ") as [string, string];
      totals.set(word, (totals.get(word) ?? 0) + Number(n));
    }
    expect(Object.fromEntries(totals)).toEqual({ to: 2, be: 2, or: 1, not: 1, that: 1, is: 1, the: 1, question: 1 });
  });
});
