#!/usr/bin/env node
// The command's first steps. What a command needs beyond them is imported when it is asked for: starting costs more than
// most of what a small pipeline does.
import { commandOf, type Command } from "./command-line.ts";

/** What went wrong first when something was printed. A reader that goes away, as `head` does, is nothing wrong. */
let unprinted: NodeJS.ErrnoException | undefined;
for (const stream of [process.stdout, process.stderr]) {
  // The run goes on: thrown here, the error would end the process and leave temporary files behind.
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") unprinted ??= error;
  });
}

// No top-level await: where it cannot end, Node warns with a line of ours that helps nobody.
let isDone = false;
void exitCode(process.argv.slice(2)).then(async (code) => {
  isDone = true;
  await Promise.all([process.stdout, process.stderr].map(written));
  const failure = unprinted;
  if (failure !== undefined) await reportUnprinted(failure);
  // What a user's module has left open, a timer or a connection, does not keep a command going that is done.
  process.exit(failure === undefined ? code : code || 1);
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
    case "verify":
      return (await import("./verify.ts")).verify(command);
  }
}

/** Says that not all could be said. Where stderr is what cannot be written, the exit code alone has to. */
async function reportUnprinted(cause: Error): Promise<void> {
  const [{ report }, { PipelineError }] = await Promise.all([import("./errors/report.ts"), import("../../sdk/errors.ts")]);
  const fix = "make room where the output goes; what the pipeline itself has written is not concerned";
  report(new PipelineError("WRITE_FAILED", { what: "the command could not print everything", got: cause.message, fix }));
  await written(process.stderr);
}

/** Resolves when everything written so far has left the process, and what went wrong with it has been heard of. */
function written(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    // On a full disk even a write of nothing fails, and then nothing is missing.
    if (stream.writableLength === 0) setImmediate(resolve);
    else stream.write("", () => setImmediate(resolve));
  });
}
