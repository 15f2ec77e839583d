import { create, definePipeline } from "millrace";

const definition = definePipeline(import.meta.url, { name: "hidden" }, (p) => {
  p.apply(create([1]));
});

/** Gives what the module does not export. */
export const hidden = () => definition;
