import { answerFor, Undecodable, type ByteReader } from "./byte-reader.ts";
import { bytesOf, writeVarints, type ByteWriter } from "./byte-writer.ts";
import type { Coder } from "./coder.ts";
import { apart } from "./text.ts";

/** Whether each text stands for itself, or texts that repeat stand once and the others name them by number. */
const PLAIN = 0;
const DICTIONARY = 1;

/** Writes many texts as one column, up to the end of the bytes. */
export function writeTexts(texts: readonly string[], writer: ByteWriter): void {
  const dictionary = dictionaryOf(texts);
  if (dictionary === undefined) {
    writer.byte(PLAIN);
    writePlain(texts, writer);
    return;
  }
  writer.byte(DICTIONARY);
  writeVarints(writer, dictionary.ids);
  writePlain(dictionary.distinct, writer);
}

/** Reads what {@link writeTexts} wrote. */
export function readTexts(reader: ByteReader): readonly string[] {
  if (reader.byte() === PLAIN) return readPlain(reader);
  const ids = reader.varints();
  const distinct = readPlain(reader);
  return ids.map((id) => {
    const text = distinct[id];
    if (text === undefined) throw new Undecodable(`text ${id} of ${distinct.length} is missing`);
    return text;
  });
}

/** A column of texts, where others follow. */
export const textColumn: Coder<readonly string[]> = {
  encode: (texts) => bytesOf(writeTexts, texts),
  encodeInto: writeTexts,
  decode: (bytes) => answerFor(bytes, readTexts),
  decodeFrom: readTexts,
};

/** The lengths, then all texts as one: one call of the platform then decodes them all. */
function writePlain(texts: readonly string[], writer: ByteWriter): void {
  writeVarints(
    writer,
    texts.map((text) => text.length),
  );
  writer.text(texts.join(""));
}

function readPlain(reader: ByteReader): readonly string[] {
  const lengths = reader.varints();
  const all = reader.text();
  let at = 0;
  const texts = lengths.map((length) => apart(all.slice(at, (at += length))));
  if (at !== all.length) throw new Undecodable(`texts of ${at} units in all have ${all.length}`);
  return texts;
}

interface Dictionary {
  readonly distinct: readonly string[];
  /** For each text its place in `distinct`. */
  readonly ids: readonly number[];
}

/** So many texts that all differ say that most of the others differ, too. */
const MANY_DIFFERENT = 64;

/** Only where at least half of the texts repeat, and some of the first do. */
function dictionaryOf(texts: readonly string[]): Dictionary | undefined {
  const idOf = new Map<string, number>();
  const ids: number[] = [];
  for (const text of texts) {
    let id = idOf.get(text);
    if (id === undefined) {
      id = idOf.size;
      if (2 * (id + 1) > texts.length) return undefined;
      if (id === MANY_DIFFERENT && ids.length === id) return undefined;
      idOf.set(text, id);
    }
    ids.push(id);
  }
  return { distinct: [...idOf.keys()], ids };
}
