import { expect, test } from "vitest";
import { collect, create, keyBy, groupByKey, map, withCoder, type Coder, type Pipeline } from "millrace";
import { directRunner } from "millrace/runners/direct";
import { rxjsRunner } from "millrace/runners/rxjs";

class Point {
  readonly x: number;

  constructor(x: number) {
    this.x = x;
  }
}

test.each([directRunner(), rxjsRunner()])(
  "an instance of a class without a coder is refused where it leaves a stage, as on threads",
  async (runner) => {
    const run = runner.run(
      (p) =>
        void p
          .apply(create([1]))
          .apply(
            "Points",
            map((x) => new Point(x)),
          )
          .pipe(
            keyBy(() => "k"),
            groupByKey(),
            collect(),
          ),
    );
    await expect(run).rejects.toMatchObject({ code: "NOT_ENCODABLE", message: expect.stringContaining("Point") });
  },
);

test("an instance that stays within a stage is nobody's business", async () => {
  const { state } = await directRunner().run(
    (p) =>
      void p.apply(create([1])).pipe(
        map((x) => new Point(x)),
        map(({ x }) => x),
        collect(),
      ),
  );
  expect(state).toBe("DONE");
});

test("an instance with a coder of its own may leave", async () => {
  const pointCoder: Coder<Point> = {
    name: "point",
    encode: ({ x }) => Uint8Array.of(x),
    decode: (bytes) => ({ _tag: "Right", right: new Point(bytes[0]!) }),
  };
  const { state } = await directRunner().run(
    (p) =>
      void p.apply(create([1])).pipe(
        map((x) => new Point(x)),
        withCoder(pointCoder),
        collect(),
      ),
  );
  expect(state).toBe("DONE");
});

test("after the first thousand only a strict run looks", async () => {
  const build = (p: Pipeline): void =>
    void p.apply(create(Array.from({ length: 1_500 }, (_, i) => i))).pipe(
      map((x) => (x === 1_400 ? new Point(x) : { x })),
      collect(),
    );
  expect((await directRunner().run(build)).state).toBe("DONE");
  await expect(directRunner().run(build, {}, { strict: true })).rejects.toMatchObject({ code: "NOT_ENCODABLE" });
});

test("of large elements about a megabyte is tried, and in a strict run all", async () => {
  let tried = 0;
  const largeCoder: Coder<number> = {
    name: "large",
    encode() {
      tried++;
      return new Uint8Array(300_000);
    },
    decode: () => ({ _tag: "Right", right: 0 }),
  };
  const build = (p: Pipeline): void =>
    void p.apply(create(Array.from({ length: 100 }, (_, i) => i))).pipe(
      map((x) => x),
      withCoder(largeCoder),
      collect(),
    );
  await directRunner().run(build);
  expect(tried).toBe(4);
  await directRunner().run(build, {}, { strict: true });
  expect(tried).toBe(104);
});

test("a strict run finds a function that changes its input", async () => {
  const run = (strict: boolean) =>
    directRunner().run(
      (p) =>
        void p
          .apply(create([{ n: 1 }]))
          .apply(
            "Change",
            map((each) => Object.assign(each, { n: 2 })),
          )
          .apply(collect()),
      {},
      { strict },
    );
  expect((await run(false)).state).toBe("DONE");
  await expect(run(true)).rejects.toMatchObject({ code: "STEP_FAILED", message: expect.stringMatching(/read only[^]*Change/) });
});
