import { PLAIN, type HeadRunner } from "./head.ts";

/** Takes elements as they come. */
export const elementsHead: HeadRunner = {
  run({ batches }, steps, pass) {
    for (const { values, size, stamps } of batches) steps.run(values, size, stamps, pass);
    return PLAIN;
  },
};
