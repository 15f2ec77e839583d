import { collect, countPerElement, create, flatMap, type Collected, type KV } from "millrace";
import { directRunner } from "millrace/runners/direct";

// A program as a user writes it: copied to where the packed package is installed, compiled there and run.
let counts!: Collected<KV<string, number>>;
const result = await directRunner().run((p) => {
  counts = p
    .apply("Lines", create(["to be or", "not to be"]))
    .apply(
      "Split",
      flatMap((line) => line.split(" ")),
    )
    .apply("Count", countPerElement())
    .apply("Counts", collect());
});
console.log(JSON.stringify(result.collected(counts)));
