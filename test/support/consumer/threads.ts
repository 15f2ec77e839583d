import { allModules } from "millrace/conformance";
import { threadsRunner } from "millrace/runners/threads";

// Pipelines of the package itself, which threads import by the url that each was defined with.
const runner = threadsRunner({ threads: 2 });
for (const module of allModules) {
  const passing = Object.entries(module.cases).find(([, { fails }]) => fails === undefined);
  await runner.run(module, { case: passing![0] });
}
console.log(allModules.length);
