import { create, definePipeline, map } from "millrace";
import { directRunner } from "millrace/runners/direct";

const definition = definePipeline(import.meta.url, (p) => {
  p.apply(create([1])).apply(map((n) => n));
});
export default definition;

/** A module that runs its pipeline when it is imported, as a script does. */
export const { state } = await directRunner().run(definition);
