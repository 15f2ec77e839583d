import { create, definePipeline, map } from "millrace";

// A pipeline whose step fails, for the command.
export default definePipeline(import.meta.url, {}, (p) => {
  p.apply("Numbers", create([1])).apply(
    "Fail",
    map((n): number => {
      throw new Error(`no ${n}`);
    }),
  );
});
