import type { Window, WindowingStrategy } from "../../sdk/windowing.ts";

/** Two lists of windows are one if this text is equal: a window's identity is what its coder makes of it. */
export function windowsIdentity(windows: readonly Window[], { windowFn }: WindowingStrategy): string {
  let text = "";
  for (const window of windows) {
    const bytes = windowFn.windowCoder.encode(window);
    text += String.fromCharCode(bytes.length);
    for (const byte of bytes) text += String.fromCharCode(byte);
  }
  return text;
}
