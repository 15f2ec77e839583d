import { isMainThread } from "node:worker_threads";
import { create, definePipeline } from "millrace";

if (!isMainThread) throw new Error("this module was not made for worker threads");

export default definePipeline(import.meta.url, (p) => {
  p.apply(create([1]));
});
