#!/usr/bin/env node
// The command's first steps. What a command needs beyond them is imported when it is asked for: starting costs more than
// most of what a small pipeline does.
import { commandOf, type Command } from "./command-line.ts";

/** A reader of our output that goes away, as `head` does, ends no run. */
for (const stream of [process.stdout, process.stderr]) {
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
  });
}

// No top-level await: where it cannot end, Node warns with a line of ours that helps nobody.
let isDone = false;
void exitCode(process.argv.slice(2)).then(async (code) => {
  isDone = true;
  await Promise.all([process.stdout, process.stderr].map(written));
  // What a user's module has left open, a timer or a connection, does not keep a command going that is done.
  process.exit(code);
});

/** Node ends with 0, and without a word, where nothing is left to do. That is no success while the command still awaits something. */
process.once("exit", (code) => {
  if (isDone || code !== 0) return;
  process.stderr.write(
    "millrace: the process ended before the command: something is awaited that never comes, or a module called process.exit\n",
  );
  process.exitCode = 1;
});

async function exitCode(args: readonly string[]): Promise<number> {
  try {
    return await execute(commandOf(args));
  } catch (error) {
    const [{ report }, { exitCodeOf }] = await Promise.all([import("./errors/report.ts"), import("./wrong-use.ts")]);
    report(error, args.includes("--verbose"));
    return exitCodeOf(error);
  }
}

async function execute(command: Command): Promise<number> {
  switch (command.kind) {
    case "help":
      process.stdout.write((await import("./help.ts")).helpText);
      return 0;
    case "version":
      process.stdout.write(`${(await import("./version.ts")).version()}\n`);
      return 0;
    case "run":
      return (await import("./run.ts")).run(command);
    case "explain":
      return (await import("./explain.ts")).explain(command);
  }
}

/** Resolves when everything written so far has left the process. */
function written(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => stream.write("", () => resolve()));
}
