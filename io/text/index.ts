export type { BrokenRecord, DeadLetters, FailingRead } from "../files/broken-record.ts";
export type { ReadOutputs } from "../files/read-files.ts";
export type { Compression } from "../files/found-file.ts";
export type { InvalidUtf8 } from "../files/block-text.ts";
export type { IfExists } from "../files/publish.ts";
export type { WriteFilesOptions } from "../files/write-files.ts";
export { readText, type ReadTextOptions, type TextOptions } from "./read-text.ts";
export { readWholeFiles, type BytesFile, type ReadWholeFilesOptions, type TextFile } from "./read-whole-files.ts";
export { writeText, type WriteTextOptions } from "./write-text.ts";
