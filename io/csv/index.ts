export type { BrokenRecord, DeadLetters, FailingRead } from "../files/broken-record.ts";
export type { ReadOutputs } from "../files/read-files.ts";
export type { InvalidUtf8 } from "../files/block-text.ts";
export type { Compression } from "../files/found-file.ts";
export type { IfExists } from "../files/publish.ts";
export type { WriteFilesOptions } from "../files/write-files.ts";
export type { DialectOptions } from "./dialect.ts";
export { readCsv, type CsvOptions, type ReadCsvOptions } from "./read-csv.ts";
export { writeCsv, type WriteCsvOptions } from "./write-csv.ts";
