export type { BrokenRecord, DeadLetters, FailingRead } from "../files/broken-record.ts";
export type { ReadOutputs } from "../files/read-files.ts";
export type { InvalidUtf8 } from "../files/block-text.ts";
export type { Compression } from "../files/found-file.ts";
export type { IfExists } from "../files/publish.ts";
export type { WriteFilesOptions } from "../files/write-files.ts";
export { readJsonLines, type JsonLinesOptions, type ReadJsonLinesOptions } from "./read-json-lines.ts";
export { writeJsonLines } from "./write-json-lines.ts";
