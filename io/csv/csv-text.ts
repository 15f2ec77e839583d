import { PipelineError, shortText } from "../../sdk/errors.ts";
import type { FileText } from "../files/file-text.ts";

/** The text of one CSV file. Without columns it takes those of the first element. */
export class CsvText implements FileText<object> {
  readonly before: string;
  readonly after = "";
  readonly #path: string;
  readonly #hasHeader: boolean;
  readonly #delimiter: string;
  /** What a value must not hold outside of quotes. */
  readonly #special: RegExp;
  readonly #isGiven: boolean;
  #columns: readonly string[] | undefined;

  constructor(path: string, columns: readonly string[] | undefined, hasHeader: boolean, delimiter: string) {
    this.#path = path;
    this.#columns = columns;
    this.#isGiven = columns !== undefined;
    this.#hasHeader = hasHeader;
    this.#delimiter = delimiter;
    this.#special = new RegExp(`["\\n\\r${delimiter.replace(/[\]\\^-]/, "\\$&")}]`);
    this.before = columns === undefined ? "" : this.#headerOf(columns);
  }

  readonly of = (elements: readonly object[]): string => {
    let text = "";
    for (const element of elements) text += this.#columns === undefined ? this.#first(element) : this.#row(element, this.#columns);
    return text;
  };

  #headerOf(columns: readonly string[]): string {
    return this.#hasHeader ? this.#line(columns) : "";
  }

  #first(element: object): string {
    this.#columns = Object.keys(this.#fields(element));
    if (this.#columns.length === 0)
      throw this.#notEncodable("an element to be written as a row has no fields", element, "filter it out before");
    return this.#headerOf(this.#columns) + this.#row(element, this.#columns);
  }

  #row(element: object, columns: readonly string[]): string {
    const fields = this.#fields(element);
    if (!this.#isGiven) this.#checkFields(fields, columns);
    return this.#line(columns.map((column) => (Object.hasOwn(fields, column) ? this.#textOf(fields[column], column) : "")));
  }

  #line(values: readonly string[]): string {
    // A row of one empty value would be an empty line, which is no row.
    if (values.length === 1 && values[0] === "") return '""\n';
    return `${values.map((value) => (this.#special.test(value) ? `"${value.replaceAll('"', '""')}"` : value)).join(this.#delimiter)}\n`;
  }

  #textOf(value: unknown, column: string): string {
    if (value === undefined || value === null) return "";
    if (typeof value === "string") return value;
    if (typeof value === "number" || typeof value === "bigint" || typeof value === "boolean") return String(value);
    if (value instanceof Date && !Number.isNaN(value.getTime())) return value.toISOString();
    throw this.#notEncodable(`the field ${JSON.stringify(column)} of an element is no plain value`, value, "map it to text before");
  }

  #fields(element: object): Readonly<Record<string, unknown>> {
    if (typeof element === "object" && element !== null && !Array.isArray(element)) return element as Record<string, unknown>;
    throw this.#notEncodable("an element to be written as a row is no object", element, "map it to an object with a field for each column");
  }

  #checkFields(fields: Readonly<Record<string, unknown>>, columns: readonly string[]): void {
    if (Object.keys(fields).length === columns.length && columns.every((column) => Object.hasOwn(fields, column))) return;
    throw this.#notEncodable(
      `an element has other fields than the first one of its file, which had ${columns.join(", ")}`,
      fields,
      "pass { columns } to say which are written",
    );
  }

  #notEncodable(what: string, got: unknown, fix: string): PipelineError {
    return new PipelineError("NOT_ENCODABLE", { what, at: this.#path, got: shortText(got), fix });
  }
}
