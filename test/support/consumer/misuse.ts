import { create } from "millrace";
import { directRunner } from "millrace/runners/direct";

// Prints where in the library an error was made, and how it came there.
const error: unknown = await directRunner()
  .run((p) => {
    p.apply("Same", create([1]));
    p.apply("Same", create([2]));
  })
  .catch((reason: unknown) => reason);
console.log((error as Error).stack);
