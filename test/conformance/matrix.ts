import { cuts, type LabelledCut } from "millrace/conformance";

/** Whether every runner runs the cases under every cut, as continuous integration does; else each is tried under one of them. */
export const isFull = process.env["MILLRACE_FULL"] === "1";

/** The cuts for a runner. The engine is one: what a cut changes shows on the direct runner, which takes all of them always. */
export const cutsOr = (label: string): readonly LabelledCut[] => cuts.filter((cut) => isFull || cut.label === label);
