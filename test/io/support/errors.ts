import { PipelineError } from "../../../sdk/errors.ts";

/** The error that something fails with. */
export async function errorOf(run: () => unknown): Promise<PipelineError> {
  try {
    await run();
  } catch (error) {
    if (error instanceof PipelineError) return error;
    throw error;
  }
  throw new Error("it did not fail");
}
