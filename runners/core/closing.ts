/** Does some work and closes what it used, whatever comes of it. What the work failed with is the error, and not what closing throws after it. */
export async function thenClose(work: () => Promise<void>, close: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    await close().catch(() => {});
    throw error;
  }
  await close();
}

/** Closes several things, each whether the others could be closed or not. Throws what was thrown first. */
export async function closeAll(closes: readonly (() => Promise<void> | void)[]): Promise<void> {
  let failure: { readonly error: unknown } | undefined;
  for (const close of closes) {
    try {
      await close();
    } catch (error) {
      failure ??= { error };
    }
  }
  if (failure !== undefined) throw failure.error;
}
