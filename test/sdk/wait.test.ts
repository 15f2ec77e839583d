import { describe, expect, test } from "vitest";
import {
  create,
  fixedWindows,
  globalWindows,
  sessions,
  wait,
  windowInto,
  type PCollection,
  type Pipeline,
  type Window,
  type WindowFn,
} from "millrace";
import { testStream } from "millrace/testing";
import { errorOf, graphOf } from "./support/graph.ts";

const tens = fixedWindows(10) as unknown as WindowFn<unknown, Window>;
const inWindows = (p: Pipeline, name: string, windowFn: WindowFn<unknown, Window>): PCollection<number> =>
  p.apply(name, create([1])).apply(`${name} in windows`, windowInto(windowFn));

describe("what cannot be waited for", () => {
  const errorOfWaiting = (main: WindowFn<unknown, Window>, signal: (p: Pipeline) => PCollection<unknown>) =>
    errorOf(() => graphOf((p) => void inWindows(p, "Main", main).apply("Written", wait(signal(p)))));

  test("is a collection in windows where the elements are in the global one", () => {
    const { code, parts } = errorOfWaiting(globalWindows(), (p) => inWindows(p, "Signal", tens));
    expect(code).toBe("BAD_SIDE_INPUT");
    expect(parts.what).toContain('"signal 1" is in windows that end');
    expect(parts.at).toBe("Written/Filter");
  });

  test("is a collection in windows that merge", () => {
    const { code, parts } = errorOfWaiting(tens, (p) => inWindows(p, "Signal", sessions(10) as unknown as WindowFn<unknown, Window>));
    expect(code).toBe("BAD_SIDE_INPUT");
    expect(parts.what).toContain('"signal 1" is in windows that depend on its elements');
  });

  test("is a collection without end in the global window", () => {
    const { code, parts } = errorOfWaiting(tens, (p) => p.apply("Signal", testStream<number>()));
    expect(code).toBe("SIDE_INPUT_NEVER_READY");
    expect(parts).toMatchObject({
      at: "Written/Completion",
      got: "the collection Signal, which is not bounded, in the global window",
    });
  });

  test("is a collection of another pipeline", () => {
    let other!: PCollection<number>;
    graphOf((p) => void (other = p.apply(create([1]))));
    expect(errorOfWaiting(tens, () => other).code).toBe("GRAPH_IS_FROZEN");
  });
});

test("the step reads what it waits for", () => {
  const { nodes, collections } = graphOf((p) => {
    const [first, second] = [inWindows(p, "First", tens), inWindows(p, "Second", tens)];
    inWindows(p, "Main", tens).apply("Written", wait(first, second));
  });
  const { inputs } = nodes.find(({ path }) => path === "Written")!;
  expect(inputs.map((input) => collections[input]!.name)).toEqual(["Main in windows", "First in windows", "Second in windows"]);
});
