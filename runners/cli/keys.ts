import type { ReadStream } from "node:tty";

/** Calls back for each key that is pressed; answers how to stop that. */
export type Keys = (onKey: (key: string) => void) => () => void;

/** What a terminal makes of keys by itself, which it does not while they are read one by one. */
const signals: ReadonlyMap<string, NodeJS.Signals> = new Map([
  ["\x03", "SIGINT"],
  ["\x1c", "SIGQUIT"],
  ["\x1a", "SIGTSTP"],
]);

/** The parts of a keyboard that are used; `process.stdin` is one where it is a terminal. */
export type Keyboard = Pick<ReadStream, "setRawMode" | "on" | "off" | "pause" | "resume" | "unref">;

/**
 * Reads keys one by one, without a line end. Those that send signals still do, and the terminal is as it was when the process ends or
 * is stopped.
 */
export function keysOf(keyboard: Keyboard, send: (signal: NodeJS.Signals) => void = (signal) => process.kill(process.pid, signal)): Keys {
  return (onKey) => {
    const listen = (): void => void keyboard.setRawMode(true);
    const giveBack = (): void => void keyboard.setRawMode(false);
    const take = (typed: Buffer): void => {
      for (const key of String(typed)) {
        const signal = signals.get(key);
        if (signal === undefined) onKey(key);
        else {
          if (signal !== "SIGINT") giveBack(); // it may end or stop the process at once
          send(signal);
        }
      }
    };
    listen();
    keyboard.on("data", take);
    keyboard.resume();
    keyboard.unref(); // nobody waits for a key
    process.on("SIGCONT", listen);
    process.once("exit", giveBack);
    return () => {
      keyboard.off("data", take);
      keyboard.pause();
      process.off("SIGCONT", listen);
      process.off("exit", giveBack);
      giveBack();
    };
  };
}
