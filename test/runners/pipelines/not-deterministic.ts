import { isMainThread } from "node:worker_threads";
import { create, definePipeline, map } from "millrace";

export default definePipeline(import.meta.url, (p) => {
  p.apply("Numbers", create([1])).apply(
    isMainThread ? "Main" : "Worker",
    map((n) => n),
  );
});
