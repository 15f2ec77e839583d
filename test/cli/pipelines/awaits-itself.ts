import { create, definePipeline } from "millrace";
import { findExport } from "../../../runners/node/exported-pipeline.ts";

const definition = definePipeline(import.meta.url, (p) => {
  p.apply(create([1]));
});
export default definition;

// What a runner does that needs the module: it can only be imported when this line is done.
await findExport(definition.url, definition);
