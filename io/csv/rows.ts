import { shortText } from "../../sdk/errors.ts";
import { BadRecord } from "../files/bad-record.ts";
import type { Dialect } from "./dialect.ts";

/** Rows of values. */
export interface Rows {
  readonly rows: readonly (readonly string[])[];
  /** Which record each row comes from; without it the rows are the records, one by one. */
  readonly records: readonly number[] | undefined;
}

/** The rows of a text. A line that is empty is a record, and no row. */
export function rowsOf(text: string, dialect: Dialect): Rows {
  const scanner = new RowScanner(text, dialect);
  const rows: string[][] = [];
  let records: number[] | undefined;
  for (let record = 0; !scanner.isDone; record++) {
    const row = scanner.next(record);
    if (row.length === 0) {
      // The first one that is left out: so far each record had its row.
      records ??= rows.map((_, index) => index);
      continue;
    }
    rows.push(row);
    records?.push(record);
  }
  return { rows, records };
}

/** Reads rows one after the other. A row without quotes, which is the common one, is split at once. */
class RowScanner {
  readonly #text: string;
  readonly #delimiter: string;
  readonly #quote: string;
  readonly #spansLines: boolean;
  #at = 0;
  /** The next of each from `at` on, or the end of the text; looked up again only when `at` has passed it. */
  #nextEnd = -1;
  #nextDelimiter = -1;
  #nextQuote = -1;

  constructor(text: string, { delimiter, quote, spansLines }: Dialect) {
    this.#text = text;
    this.#delimiter = delimiter;
    this.#quote = quote;
    this.#spansLines = spansLines;
    if (quote === "") this.#nextQuote = text.length;
  }

  get isDone(): boolean {
    return this.#at > this.#text.length;
  }

  /** The values of the next row, none for an empty line. */
  next(record: number): string[] {
    this.#look();
    return this.#nextQuote >= this.#nextEnd ? this.#plainRow() : this.#quotedRow(record);
  }

  #look(): void {
    if (this.#nextEnd < this.#at) this.#nextEnd = this.#find("\n");
    if (this.#nextQuote < this.#at) this.#nextQuote = this.#find(this.#quote);
  }

  #find(char: string): number {
    const found = this.#text.indexOf(char, this.#at);
    return found < 0 ? this.#text.length : found;
  }

  #plainRow(): string[] {
    const line = this.#text.slice(this.#at, this.#withoutReturn(this.#at, this.#nextEnd));
    this.#at = this.#nextEnd + 1;
    return line === "" ? [] : line.split(this.#delimiter);
  }

  #quotedRow(record: number): string[] {
    const row: string[] = [];
    do row.push(this.#text.startsWith(this.#quote, this.#at) ? this.#quotedValue(record) : this.#plainValue(record));
    while (this.#hasMore(record));
    return row;
  }

  #plainValue(record: number): string {
    this.#look();
    if (this.#nextDelimiter < this.#at) this.#nextDelimiter = this.#find(this.#delimiter);
    const start = this.#at;
    const end = Math.min(this.#nextDelimiter, this.#nextEnd);
    if (this.#nextQuote < end) throw strayQuote(record, this.#text.slice(start, end));
    this.#at = end;
    return this.#text.slice(start, end === this.#nextEnd ? this.#withoutReturn(start, end) : end);
  }

  #quotedValue(record: number): string {
    const start = this.#at + 1;
    let close = this.#text.indexOf(this.#quote, start);
    let isDoubled = false;
    while (close >= 0 && this.#text.startsWith(this.#quote, close + 1)) {
      isDoubled = true;
      close = this.#text.indexOf(this.#quote, close + 2);
    }
    if (close < 0) throw unclosedQuote(record, this.#text.slice(start - 1));
    this.#at = close + 1;
    const value = this.#text.slice(start, close);
    if (!this.#spansLines && value.includes("\n")) throw unclosedQuote(record, value);
    return isDoubled ? value.replaceAll(this.#quote + this.#quote, this.#quote) : value;
  }

  /** Goes over what follows a value; answers whether that is another one. */
  #hasMore(record: number): boolean {
    const text = this.#text;
    if (text.startsWith(this.#delimiter, this.#at)) {
      this.#at++;
      return true;
    }
    if (text.startsWith("\r", this.#at) && (this.#at + 1 === text.length || text.startsWith("\n", this.#at + 1))) this.#at++;
    if (this.#at < text.length && !text.startsWith("\n", this.#at)) throw afterQuote(record, text.slice(this.#at, this.#at + 200));
    this.#at++;
    return false;
  }

  #withoutReturn(start: number, end: number): number {
    return end > start && this.#text.charCodeAt(end - 1) === CR ? end - 1 : end;
  }
}

const CR = 0x0d;

const asWritten = "enclose the value and double each quote in it, or pass { quote: false } if quotes mean nothing in this file";

const strayQuote = (record: number, got: string): BadRecord =>
  new BadRecord(record, "NOT_DECODABLE", {
    what: "a quote stands within a value that does not begin with one",
    got: shortText(got),
    fix: asWritten,
  });

const unclosedQuote = (record: number, got: string): BadRecord =>
  new BadRecord(record, "NOT_DECODABLE", {
    what: "a quote is never closed",
    got: shortText(got),
    fix: "close it; if values may hold line ends, leave quotedNewlines as it is (true)",
  });

const afterQuote = (record: number, got: string): BadRecord =>
  new BadRecord(record, "NOT_DECODABLE", { what: "text follows a closing quote", got: shortText(got), fix: asWritten });
