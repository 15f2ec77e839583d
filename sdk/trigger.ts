/**
 * When a window's contents are emitted. A trigger is plain data: the SDK builds it,
 * every runner interprets it with the same engine.
 */
export type Trigger = { readonly kind: "default" };

/** Fires each time the watermark is past the end of the window, if there is something new. */
export const defaultTrigger = (): Trigger => ({ kind: "default" });
