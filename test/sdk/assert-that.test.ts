import { expect, test } from "vitest";
import { create, map, type PipelineError } from "millrace";
import { directRunner } from "millrace/runners/direct";
import { assertThat } from "millrace/testing";

const failure = async (build: Parameters<ReturnType<typeof directRunner>["run"]>[0]): Promise<PipelineError> =>
  directRunner()
    .run(build as never)
    .then(
      () => expect.fail("the run did not fail"),
      (error: PipelineError) => error,
    );

test("assertions that hold let the run succeed", async () => {
  const { state } = await directRunner().run((p) => {
    const words = p.apply(create(["a", "b", "a"]));
    assertThat(words).containsInAnyOrder(["b", "a", "a"]);
    assertThat(words.apply(map((word) => ({ word })))).satisfies((all) => expect(all).toHaveLength(3));
    assertThat(p.apply("One", create([42]))).containsExactlyOneElement(42);
    assertThat(p.apply("None", create<number>([]))).isEmpty();
  });
  expect(state).toBe("DONE");
});

test("an element that is missing, or one too many, fails the run and is named", async () => {
  const { code, message } = await failure((p) => assertThat(p.apply("Numbers", create([1, 2, 2, 3]))).containsInAnyOrder([1, 2, 3, 7]));
  expect(code).toBe("ASSERTION_FAILED");
  expect(message).toContain('"Numbers/Read"');
  expect(message).toContain("missing 7");
  expect(message).toContain("unexpected 2");
});

test("the reason comes first, with what was expected and what came", async () => {
  const { message } = await failure((p) => assertThat(p.apply(create([42])), "the answer is wrong").containsExactlyOneElement(44));
  expect(message).toMatch(/^ASSERTION_FAILED: the answer is wrong[^]*expected 44[^]*actual 42/);
});

test("what a check throws is the cause of the failure", async () => {
  const thrown = new Error("too few");
  const { cause } = await failure((p) =>
    assertThat(p.apply(create([1]))).satisfies(() => {
      throw thrown;
    }),
  );
  expect(cause).toBe(thrown);
});

test("an empty collection that should not be is an error, and so is the reverse", async () => {
  expect((await failure((p) => assertThat(p.apply(create<number>([]))).containsExactlyOneElement(1))).message).toContain("missing 1");
  expect((await failure((p) => assertThat(p.apply(create([0]))).isEmpty())).message).toContain("unexpected 0");
});
