import { filter, map, type PCollection } from "millrace";
import { readCsv, writeCsv } from "millrace/io/csv";
import { readJsonLines, writeJsonLines } from "millrace/io/json-lines";
import {
  readText,
  readWholeFiles,
  writeText,
  type BrokenRecord,
  type BytesFile,
  type ReadOutputs,
  type ReadTextOptions,
  type TextFile,
} from "millrace/io/text";
import { items, p, words, type Item } from "../types/inputs.ts";
import { is } from "../types/is.ts";

// Reading.
is<PCollection<string>>()(p.apply("R", readText("a.txt", { timestampOf: (line) => Date.parse(line) })));
is<PCollection<string>>()(p.apply(readText(["a", "b/*.gz"], { compression: "auto", invalidUtf8: "replace", maxLineBytes: 10 })));
is<PCollection<TextFile>>()(p.apply(readWholeFiles("a.json")));
is<PCollection<BytesFile>>()(p.apply(readWholeFiles("a.bin", { as: "bytes", maxFileBytes: 10 })));
is<PCollection<Record<string, string>>>()(p.apply(readCsv("a.csv")));
is<PCollection<Record<"x" | "y", string>>>()(
  p.apply(readCsv("a.csv", { header: ["x", "y"], timestampOf: (row) => Number(row.x), delimiter: ";", quote: false })),
);
is<PCollection<number>>()(p.apply(readCsv("a.csv", { header: ["x"] })).apply(map(({ x }) => x.length)));
is<PCollection<unknown>>()(p.apply(readJsonLines("a.jsonl")));
is<PCollection<Item>>()(p.apply(readJsonLines<Item>("a.jsonl", { timestampOf: ({ at }) => at })));
// @ts-expect-error no such column
p.apply(readCsv("a.csv", { header: ["x"] })).apply(map(({ y }) => y));
// @ts-expect-error a time is a number
readText("a.txt", { timestampOf: (line) => new Date(line) });
// @ts-expect-error another way of packing
readText("a.txt", { compression: "zip" });
// @ts-expect-error a value that nobody has looked at
p.apply(readJsonLines("a.jsonl")).apply(filter(({ at }) => at > 0));

// Dead letters.
is<ReadOutputs<string>>()(p.apply(readText("a.txt", { invalidUtf8: "deadLetter", timestampOf: (line) => line.length })));
is<PCollection<BrokenRecord>>()(p.apply(readText("a.txt", { invalidUtf8: "deadLetter" })).failed);
is<PCollection<string>>()(p.apply(readText("a.txt", { onError: "deadLetter", invalidUtf8: "replace" })).main);
is<PCollection<Record<"x", string>>>()(
  p.apply("C", readCsv("a.csv", { header: ["x"], onError: "deadLetter", timestampOf: ({ x }) => x.length })).main,
);
is<PCollection<Record<string, string>>>()(p.apply(readCsv("a.csv", { onError: "deadLetter" })).main);
is<PCollection<Item>>()(p.apply(readJsonLines<Item>("a.jsonl", { onError: "deadLetter", timestampOf: ({ at }) => at })).main);
is<PCollection<string>>()(
  p
    .apply(readJsonLines("a.jsonl", { onError: "deadLetter" }))
    .failed.apply(map(({ path, offset, bytes, error }) => path + offset + bytes.length + error.code)),
);
is<PCollection<string>>()(p.apply(readText("a.txt", { onError: "fail", invalidUtf8: "error" })));
is<PCollection<string>>()(p.apply(readText("a.txt", {} as ReadTextOptions)));
// @ts-expect-error without dead letters there is one collection
is<unknown>()(p.apply(readText("a.txt")).failed);
// @ts-expect-error nor are there some of what is replaced
is<unknown>()(p.apply(readText("a.txt", { invalidUtf8: "replace" })).failed);
// @ts-expect-error with dead letters there are two
p.apply(readCsv("a.csv", { onError: "deadLetter" })).apply(map((row) => row));
// @ts-expect-error another policy
readText("a.txt", { onError: "skip" });
// @ts-expect-error still no such column
p.apply(readCsv("a.csv", { header: ["x"], onError: "deadLetter" })).main.apply(map(({ y }) => y));

// Writing.
is<PCollection<string>>()(
  words.apply("W", writeText("out.txt", { ifExists: "replace", shards: 3, compress: "gzip", header: "h", footer: "f" })),
);
is<PCollection<string>>()(words.apply(writeText("out", { fileOf: (word) => word.slice(0, 1) })));
is<PCollection<string>>()(items.apply(writeText("out", { fileOf: ({ user }) => user, lineOf: ({ amount }) => `${amount}` })));
is<PCollection<string>>()(items.apply(writeJsonLines("out.jsonl", { shards: 2 })));
is<PCollection<string>>()(items.apply(writeJsonLines("out", { fileOf: ({ user }) => user })));
is<PCollection<string>>()(items.apply(writeCsv("out.csv", { columns: ["user", "amount"], delimiter: "\t", header: false })));
is<PCollection<string>>()(items.apply(writeCsv("out", { fileOf: ({ user }) => user })));
// @ts-expect-error elements that are no lines
items.apply(writeText("out.txt"));
// @ts-expect-error nor does fileOf make them lines
items.apply(writeText("out", { fileOf: ({ user }) => user }));
// @ts-expect-error a line is a string
items.apply(writeText("out.txt", { lineOf: ({ amount }) => amount }));
// @ts-expect-error no such column
items.apply(writeCsv("out.csv", { columns: ["user", "price"] }));
// @ts-expect-error rows are objects
words.apply(writeCsv("out.csv"));
// @ts-expect-error another policy
words.apply(writeText("out.txt", { ifExists: "append" }));
