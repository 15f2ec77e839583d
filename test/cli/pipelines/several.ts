import { create, definePipeline } from "millrace";

export const one = definePipeline(import.meta.url, { name: "one" }, (p) => {
  p.apply(create([1]));
});

export const two = definePipeline(import.meta.url, { name: "two" }, (p) => {
  p.apply(create([1, 2]));
});
