import type { Runner } from "millrace";
import type { Choices } from "./choices.ts";
import type { Simulated } from "./simulated-runner.ts";
import type { Trace } from "./trace.ts";

/** What a subject works with. */
export interface Given {
  /** What decides the pipeline and its input; what the run may not depend on is decided apart from that. */
  readonly choices: Choices;
  readonly trace: Trace;
  /** A runner of the seed. */
  readonly runner: (more?: Pick<Simulated, "outside" | "interrupt">) => Runner;
}

/** Something that is simulated: pipelines of a kind, with what has to come of them. Fails where something else comes. */
export type Subject = (given: Given) => Promise<void>;
