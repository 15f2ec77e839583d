import { boundedSource, map, numberCoder, writeTo, type OffsetRange, type PCollection, type Sink } from "millrace";
import { items, p, words, type Item } from "./inputs.ts";
import { is } from "./is.ts";

interface Staged {
  readonly file: string;
  readonly rows: number;
}
const rowsSink: Sink<Item, Staged> = {
  name: "Rows",
  open({ shard, epoch }) {
    let rows = 0;
    return {
      write(values) {
        rows += values.length;
      },
      finish: async () => ({ file: `${shard}-${epoch}`, rows }),
    };
  },
  commit: async (staged) => is<readonly Staged[]>()(staged),
};
is<PCollection<Staged>>()(items.apply("S", writeTo(rowsSink)));
is<PCollection<string>>()(
  items.pipe(
    writeTo(rowsSink),
    map((staged) => staged.file),
  ),
);
is<PCollection<number>>()(
  words.apply(
    writeTo({
      name: "N",
      open: (ctx) => ({ write: async (values) => is<readonly string[]>()(values), finish: async () => ctx.shard }),
      commit: async (shards) => is<readonly number[]>()(shards),
    }),
  ),
);
// @ts-expect-error a sink of other elements
words.apply(writeTo(rowsSink));
// @ts-expect-error commit takes what finish gives
({ ...rowsSink, commit: async (numbers: readonly number[]) => void numbers.at(0) }) satisfies Sink<Item, Staged>;

interface Part extends OffsetRange {
  readonly path: string;
}
const lines = boundedSource({
  name: "Lines",
  restriction: (): Part => ({ path: "a", from: 0, to: 9 }),
  split: (part, parts) => [{ ...part, to: part.to / parts }],
  async *read(part, tracker) {
    for (let at = part.from; tracker.tryClaim(at); at++) yield { values: [`${part.path} ${at}`], timestamps: [at] };
  },
});
is<PCollection<string>>()(p.apply("Read", lines));
is<PCollection<number>>()(
  p.apply(
    boundedSource({
      name: "N",
      coder: numberCoder,
      restriction: async () => ({ from: 0, to: 9 }),
      split: (range) => [range],
      async *read(range, tracker) {
        const found = [range.from, range.from + 1];
        is<number>()(tracker.claimWhile(found));
        yield { values: found.slice(0, tracker.claimWhile(Float64Array.from(found))), timestamps: new Float64Array(2) };
      },
    }),
  ),
);
is<PCollection<number>>()(
  p.apply(
    boundedSource({
      name: "N",
      async *read(range) {
        yield { values: [range.from] };
      },
      split: (range) => [range],
      restriction: () => ({ from: 0, to: 1 }),
    }),
  ),
);
const oneRange = { name: "N", restriction: () => ({ from: 0, to: 1 }), split: (range: OffsetRange) => [range] };
async function* texts() {
  yield { values: ["a"] };
}
async function* bareNumbers() {
  yield 1;
}
p.apply(boundedSource({ ...oneRange, read: texts }));
// @ts-expect-error a restriction has a range
boundedSource({ name: "N", restriction: () => ({ page: 1 }), split: (range) => [range], read: texts });
// @ts-expect-error chunks, not values
boundedSource({ ...oneRange, read: bareNumbers });
// @ts-expect-error a coder of other elements
p.apply(boundedSource({ ...oneRange, coder: numberCoder, read: texts }));
