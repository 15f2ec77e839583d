import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { csvSource, type ReadCsvOptions } from "../../io/csv/read-csv.ts";
import { writeCsv } from "../../io/csv/write-csv.ts";
import { smallSizes, stops } from "./support/arbitraries.ts";
import { campaign } from "./support/campaign.ts";
import { errorOf } from "./support/errors.ts";
import { filesIn, temporaryFolder } from "./support/files.ts";
import { write } from "./support/sinks.ts";
import { readAll, readStopped, readUpTo } from "./support/trackers.ts";
import { sourceContext } from "../support/source-context.ts";

const folder = temporaryFolder();
const file = filesIn(folder);

const part = fc.constantFrom("a", "b c", '"', ",", ";", "é", "😀", "\uFEFF");
const lineEnd = fc.constantFrom("\n", "\r\n", "\r");
const joined = (parts: fc.Arbitrary<string>): fc.Arbitrary<string> => fc.array(parts, { maxLength: 5 }).map((each) => each.join(""));
const columnsOf = (name: fc.Arbitrary<string>): fc.Arbitrary<string[]> => fc.uniqueArray(name, { minLength: 1, maxLength: 4 });
const named = fc.constantFrom("id", "__proto__", "constructor", "two words", "", 'q"uote', "a,b", "ü");

function table(value: fc.Arbitrary<string>, name: fc.Arbitrary<string>) {
  return columnsOf(name).chain((columns) =>
    fc
      .array(fc.array(value, { minLength: columns.length, maxLength: columns.length }), { maxLength: 6 })
      .map((rows) => ({ columns, rows: rows.map((row) => Object.fromEntries(columns.map((column, i) => [column, row[i]!]))) })),
  );
}

/** The rows of a file, read in parts that are stopped. */
async function read(path: string, options: ReadCsvOptions, sizes: object, stopped: readonly { claims: number; skip: number }[]) {
  const source = csvSource(path, options, sizes);
  const rows: unknown[] = [];
  for (const piece of await source.split(await source.restriction(sourceContext), 9))
    rows.push(...(await readStopped(source, piece, stopped)));
  return rows;
}

const entries = (rows: readonly object[]): unknown => rows.map((row) => Object.entries(row));

describe("what is written is read again, however the file is read and stopped,", () => {
  test("with line ends in values", async () => {
    await fc.assert(
      fc.asyncProperty(
        table(joined(fc.oneof(part, lineEnd)), named),
        fc.constantFrom(",", ";"),
        smallSizes,
        stops,
        async (given, delimiter, sizes, stopped) => {
          const { columns, rows } = given;
          const [path] = await write(
            writeCsv<Record<string, string>>(join(folder, "property.csv"), { columns, delimiter, ifExists: "replace" }),
            rows,
          );
          expect(entries((await read(path!, { delimiter }, sizes, stopped)) as object[])).toEqual(entries(rows));
        },
      ),
      campaign(150),
    );
  });

  test("without line ends in values, in many parts", async () => {
    await fc.assert(
      fc.asyncProperty(table(joined(part), named), smallSizes, stops, async ({ columns, rows }, sizes, stopped) => {
        const [path] = await write(writeCsv<Record<string, string>>(join(folder, "property.csv"), { columns, ifExists: "replace" }), rows);
        expect(entries((await read(path!, { quotedNewlines: false }, sizes, stopped)) as object[])).toEqual(entries(rows));
      }),
      campaign(60),
    );
  });
});

test("rows end in LF or CRLF, the last one in nothing, and empty lines are passed over", async () => {
  const path = file('\uFEFFa,b\r\n1,"x\r\ny"\r\n\r\n\n2,"z"\r\n3,');
  const rows = [
    { a: "1", b: "x\r\ny" },
    { a: "2", b: "z" },
    { a: "3", b: "" },
  ];
  expect(await readAll(csvSource(path))).toEqual(rows);
  expect(await readAll(csvSource(file('a,b\r\n2,"z"\r\n3,"w"\r'), { quotedNewlines: false }))).toEqual([
    { a: "2", b: "z" },
    { a: "3", b: "w" },
  ]);
});

test("empty lines may come before the header, however the file is read and stopped", async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 0, max: 9 }), smallSizes, stops, fc.boolean(), async (empty, sizes, stopped, quotedNewlines) => {
      const path = file(`${"\n".repeat(empty)}a,b\n1,2\n\n3,4\n`, "empty-lines.csv");
      expect(await read(path, { quotedNewlines }, sizes, stopped)).toEqual([
        { a: "1", b: "2" },
        { a: "3", b: "4" },
      ]);
    }),
  );
});

test("values stay as they are", async () => {
  expect(await readAll(csvSource(file('a,b\n 1 ," ""x"" "\n,\n"",""\n')))).toEqual([
    { a: " 1 ", b: ' "x" ' },
    { a: "", b: "" },
    { a: "", b: "" },
  ]);
});

test("the columns may be given where a file does not name them", async () => {
  expect(await readAll(csvSource(file("1,2\n3,4\n"), { header: ["x", "y"] }))).toEqual([
    { x: "1", y: "2" },
    { x: "3", y: "4" },
  ]);
});

test("each file has columns of its own", async () => {
  expect(await readAll(csvSource([file("a,b\n1,2\n"), file("b\n3\n"), file("a\n"), file("")]))).toEqual([{ a: "1", b: "2" }, { b: "3" }]);
});

test("quotes may mean nothing", async () => {
  expect(await readAll(csvSource(file('a|b\n5" disk|"\n'), { quote: false, delimiter: "|" }))).toEqual([{ a: '5" disk', b: '"' }]);
});

test("files are split by bytes only when no value may hold a line end", async () => {
  const path = file(`a\n${"1\n".repeat(1_000_000)}`);
  const partsOf = async (options: ReadCsvOptions): Promise<number> => {
    const source = csvSource(path, options);
    return (await source.split(await source.restriction(sourceContext), 8)).length;
  };
  expect(await partsOf({})).toBe(1);
  expect(await partsOf({ quotedNewlines: false })).toBe(2);
  expect(await partsOf({ quote: false })).toBe(2);
  expect(await readAll(csvSource(path, { quotedNewlines: false }), 8)).toHaveLength(1_000_000);
});

test("rows have event times, also behind a header", async () => {
  const source = csvSource(file("t\n\n1\n\n2\n"), { timestampOf: ({ t }) => Number(t) });
  const [whole] = await source.split(await source.restriction(sourceContext), 1);
  expect((await readUpTo(source, whole!)).timestamps).toEqual([1, 2]);
});

test("a file in gzip is read like others", async () => {
  expect(await readAll(csvSource(file(gzipSync('a\n"1\n2"\n'), "rows.csv.gz")))).toEqual([{ a: "1\n2" }]);
});

describe("an error names the file, the line and the byte where the row starts:", () => {
  const row = (text: string): string => `a,b\n"1\n2",3\n${text}`;
  test.each([
    ["too few values", row("4\n"), {}, "a row has 1 values, and there are 2 columns"],
    ["too many values", row("4,5,6"), {}, "a row has 3 values, and there are 2 columns"],
    ["a quote that is never closed", row('4,"5\n6,7\n'), {}, "a quote is never closed"],
    ["a quote within a value", row('4" disk,5\n6,"7"\n'), {}, "a quote stands within a value that does not begin with one"],
    ["text behind a quote", row('"4"x,5\n'), {}, "text follows a closing quote"],
    ["a time that is none", row("4,no\n"), { timestampOf: ({ b }: Record<string, string>) => Number(b) }, "timestampOf gave no instant"],
  ])("%s", async (_, text, options, what) => {
    const path = file(text);
    const error = await errorOf(() => readAll(csvSource(path, options)));
    expect(error.parts).toMatchObject({ what, at: `${path}, line 4 (byte 12)` });
  });

  test("a value with a line end, where none may have one, in whatever parts the file is read", async () => {
    await fc.assert(
      fc.asyncProperty(smallSizes, async (sizes) => {
        const path = file('a,b\n1,"2\n3",4\n', "spans.csv");
        const error = await errorOf(() => readAll(csvSource(path, { quotedNewlines: false }, { ...sizes, minPartBytes: 100 })));
        expect(error.parts).toMatchObject({ what: "a quote is never closed", at: `${path}, line 2 (byte 4)` });
      }),
    );
  });

  test("a column that is named twice", async () => {
    const path = file("a,b,a\n1,2,3\n");
    const error = await errorOf(() => readAll(csvSource(path)));
    expect(error.parts).toMatchObject({ what: "the first row names a column twice", at: `${path}, line 1 (byte 0)`, got: '"a"' });
  });

  test("a row behind empty lines", async () => {
    const path = file("\na,b\n\n\n1,2\n\n3\n");
    expect((await errorOf(() => readAll(csvSource(path)))).parts.at).toBe(`${path}, line 7 (byte 12)`);
  });

  test("a header behind empty lines", async () => {
    const path = file("\n\na,a\n");
    expect((await errorOf(() => readAll(csvSource(path)))).parts.at).toBe(`${path}, line 3 (byte 2)`);
  });

  test("a row that is too long, because a quote is never closed", async () => {
    const path = file(`a\n1\n"2\n${"3\n".repeat(1_000_000)}`);
    const error = await errorOf(() => readAll(csvSource(path, { maxRowBytes: 1_000 })));
    expect(error.parts).toMatchObject({ what: "a row is longer than 1000 bytes", at: `${path}, line 3 (byte 4)` });
  });
});

test.each([{ delimiter: "" }, { delimiter: ",," }, { delimiter: "\n" }, { quote: "" }, { quote: "«" }, { quote: "," }, { quote: "''" }])(
  "the dialect %j is refused when the pipeline is built",
  async (options) => {
    expect((await errorOf(() => csvSource("a.csv", options))).code).toBe("BAD_ARGUMENT");
  },
);

describe("writing", () => {
  let files = 0;
  const newPath = (): string => join(folder, `written-${files++}.csv`);
  const textIn = (path: string | undefined): string => readFileSync(path!, "utf8");

  test("values are written as text, and enclosed where they must be", async () => {
    const rows = [
      { a: 1.5, b: 'say "hi"', c: null },
      { a: -0n, b: "x\ny", c: true },
      { a: new Date(0), b: "x,y", c: undefined },
    ];
    const [path] = await write(writeCsv<(typeof rows)[number]>(newPath(), { columns: ["a", "b", "c"] }), rows);
    expect(textIn(path)).toBe('a,b,c\n1.5,"say ""hi""",\n0,"x\ny",true\n1970-01-01T00:00:00.000Z,"x,y",\n');
  });

  test.each(["]", "^", "-", "\\", ".", "|", "\t"])("a value with the delimiter %j is enclosed", async (delimiter) => {
    const rows = [{ a: `1${delimiter}2`, b: "plain" }];
    const [path] = await write(writeCsv<{ a: string; b: string }>(newPath(), { delimiter }), rows);
    expect(textIn(path)).toBe(`a${delimiter}b\n"1${delimiter}2"${delimiter}plain\n`);
  });

  test("columns choose fields and their order, and are the header of an empty file", async () => {
    const columns = ["b", "a"] as const;
    expect(textIn((await write(writeCsv(newPath(), { columns }), [{ a: 1, b: 2, c: 3 }]))[0])).toBe("b,a\n2,1\n");
    expect(textIn((await write(writeCsv<{ a: 1; b: 2 }>(newPath(), { columns })))[0])).toBe("b,a\n");
    expect(textIn((await write(writeCsv<{ a: 1; b: 2 }>(newPath(), { columns, header: false }), [{ a: 1, b: 2 }]))[0])).toBe("2,1\n");
  });

  test("a field is the element's own, whatever objects inherit", async () => {
    const columns = ["toString", "__proto__"] as never[];
    expect(textIn((await write(writeCsv<object>(newPath(), { columns }), [{}]))[0])).toBe("toString,__proto__\n,\n");
  });

  test("without columns the first element of each file gives them", async () => {
    const elements = [
      { f: "x", n: 1 },
      { n: 2, f: "y" },
      { n: 3, f: "x" },
    ];
    const names = await write(writeCsv<(typeof elements)[number]>(join(folder, "by"), { fileOf: ({ f }) => f }), elements);
    expect(names.map(textIn)).toEqual(["f,n\nx,1\nx,3\n", "n,f\n2,y\n"]);
    expect(textIn((await write(writeCsv<{ a: 1 }>(newPath())))[0])).toBe("");
  });

  test.each([[{ a: 1, b: 2 }], [{ b: 1 }], [{}]])("an element with other fields than the first is an error: %j", async (element) => {
    const error = await errorOf(() => write(writeCsv<object>(newPath()), [{ a: 1 }, element]));
    expect(error.code).toBe("NOT_ENCODABLE");
    expect(error.parts.fix).toContain("columns");
  });

  test.each([[[1]], [null], ["text"], [{ a: {} }], [{ a: () => 1 }], [{ a: new Date(Number.NaN) }], [{}]])(
    "%j is no row",
    async (element) => {
      expect((await errorOf(() => write(writeCsv<object>(newPath()), [element as object]))).code).toBe("NOT_ENCODABLE");
    },
  );

  test("no columns are refused when the pipeline is built", async () => {
    expect((await errorOf(() => writeCsv("a.csv", { columns: [] }))).code).toBe("BAD_ARGUMENT");
  });
});
