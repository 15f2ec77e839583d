import { isMainThread } from "node:worker_threads";
import { create, definePipeline } from "millrace";

export default definePipeline(import.meta.url, (p) => {
  p.apply(create([1]));
});

if (!isMainThread) throw new RangeError("not on this thread");
