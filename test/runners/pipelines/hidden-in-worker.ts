import { isMainThread } from "node:worker_threads";
import { create, definePipeline } from "millrace";

const definition = definePipeline(import.meta.url, (p) => {
  p.apply(create([1]));
});

export const shown = isMainThread ? definition : "something else";
