import { parentPort } from "node:worker_threads";
import { structuralCoder } from "millrace";

/** Adds up the amounts of the rows that come, as they are or encoded, and says what it is when asked; run by `exchange.ts`. Plain JavaScript, which any thread loads. */
let total = 0;
parentPort.on("message", (given) => {
  if (typeof given === "string") {
    parentPort.postMessage(total);
    total = 0;
  } else for (const { amount } of given instanceof Uint8Array ? rowsOf(given) : given) total += amount;
});

function rowsOf(bytes) {
  const answer = structuralCoder.decodeAll(bytes);
  if (answer._tag === "Left") throw new Error(answer.left.message);
  return answer.right;
}
