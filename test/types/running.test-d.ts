import { collect, create, definePipeline, map, type Collected, type FinalState, type KV, type PipelineResult } from "millrace";
import { keyed, limit, runner, type Item } from "./inputs.ts";
import { is } from "./is.ts";

export const runs = async (): Promise<void> => {
  let lengths!: Collected<number>;
  const result = await runner.run((p) => {
    lengths = p
      .apply(create(["a"]))
      .apply(map((word) => word.length))
      .apply(collect());
  });
  is<readonly number[]>()(result.collected(lengths));
  is<Collected<KV<string, Item>>>()(keyed.apply("K", collect()));
  is<FinalState>()(result.state);
  // @ts-expect-error a handle, not a collection
  result.collected(limit);
  // @ts-expect-error a result does not run
  is<boolean>()(result.state === "RUNNING");

  const running = runner.start(definePipeline(import.meta.url, () => {}));
  is<FinalState | "RUNNING" | "FAILED">()(running.state);
  is<Promise<PipelineResult>>()(running.done);
  await running.cancel();
  // @ts-expect-error only a result has them
  running.collected(lengths);
};
