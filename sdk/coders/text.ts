/** Begins a text that has half a surrogate pair and so no UTF-8 form: its UTF-16 units follow. No UTF-8 text begins like this. */
const UTF_16 = 0xff;

/** `String.prototype.isWellFormed`, which the library's TypeScript target does not declare. */
export const isWellFormed = (text: string): boolean => (text as unknown as { isWellFormed(): boolean }).isWellFormed();

/** The bytes of a text that has no UTF-8 form. */
export function utf16(text: string): Uint8Array {
  const bytes = new Uint8Array(1 + 2 * text.length);
  bytes[0] = UTF_16;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    bytes[1 + 2 * i] = unit & 0xff;
    bytes[2 + 2 * i] = unit >> 8;
  }
  return bytes;
}

/** The text of bytes. Throws a `TypeError` where they are none. */
export function textOf(bytes: Uint8Array, from = 0, to = bytes.length): string {
  if (from < to && bytes[from] === UTF_16) return ofUtf16(bytes.subarray(from, to));
  return shortAscii(bytes, from, to) ?? decoder.decode(bytes.subarray(from, to));
}

/**
 * The same text with memory of its own. A part of a longer text keeps all of that alive, so a key that a grouping holds on to
 * would hold the whole batch that it came in.
 */
export const apart = (text: string): string => (text.length < SHORTEST_SLICE ? text : ` ${text}`.slice(1));

/** V8 copies shorter parts by itself. */
const SHORTEST_SLICE = 13;

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** For texts that are not long, a loop and a copy of their bytes are faster than a decoder. */
function shortAscii(bytes: Uint8Array, from: number, to: number): string | undefined {
  if (to - from > 256) return undefined;
  for (let i = from; i < to; i++) if (bytes[i]! > 0x7f) return undefined;
  if (to - from > 12) return latin1Slice.call(bytes, from, to);
  let text = "";
  for (let i = from; i < to; i++) text += String.fromCharCode(bytes[i]!);
  return text;
}

/** One unit for each byte. It takes any bytes, though its type says `Buffer`s only. */
const { latin1Slice } = Buffer.prototype as unknown as { latin1Slice: (this: Uint8Array, from: number, to: number) => string };

function ofUtf16(bytes: Uint8Array): string {
  if (bytes.length % 2 === 0) throw new TypeError("half a UTF-16 unit is missing");
  let text = "";
  for (let i = 1; i < bytes.length; i += 2) text += String.fromCharCode(bytes[i]! + 0x100 * bytes[i + 1]!);
  return text;
}
