import { create, definePipeline } from "millrace";

/** Exported here, but said to be defined in a module that does not export it: that is where threads look. */
export default definePipeline(new URL("./none.ts", import.meta.url).href, { name: "not-exported" }, (p) => {
  p.apply(create([1]));
});
