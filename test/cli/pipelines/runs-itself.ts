import { create, definePipeline } from "millrace";
import { threadsRunner } from "millrace/runners/threads";

const definition = definePipeline(import.meta.url, (p) => {
  p.apply(create([1]));
});
export default definition;

// Without a guard: each thread that imports this module would start threads of its own.
void threadsRunner({ threads: 1 }).run(definition);
