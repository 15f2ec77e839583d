import type { Logger } from "../../sdk/running.ts";
import { minutes, seconds, type Instant } from "../../sdk/time.ts";
import type { PartStatus } from "./part-status.ts";
import type { StageStatus } from "./stage-status.ts";
import { instantText } from "./why.ts";

/** So long, in ms, a part may hold the watermark back before it is spoken of. */
const PATIENCE = minutes(1);

/** Looks are at least so many ms apart. */
const PERIOD = seconds(1);

/** Warns of a part of a read that holds the watermark back while others go on, once until it moves. */
export class SlowPartWarning {
  readonly #logger: Logger;
  #lookedAt = -Infinity;
  /** When the watermark of a part that was warned of had moved, by part. */
  readonly #warned = new Map<string, Instant>();

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /** Looks at a read, if that is worth it by now. */
  look(statusNow: () => Pick<StageStatus, "stage" | "parts">, now: Instant): void {
    if (now - this.#lookedAt < PERIOD) return;
    this.#lookedAt = now;
    const {
      stage: { path },
      parts,
    } = statusNow();
    const counting = parts.filter(({ idleFrom }) => idleFrom > now);
    const [slowest] = counting;
    if (slowest === undefined || now - slowest.movedAt < PATIENCE) return;
    const ahead = counting.filter((part) => part.watermark > slowest.watermark && isNewer(part, slowest));
    if (ahead.length === 0 || this.#warned.get(slowest.part) === slowest.movedAt) return;
    this.#warned.set(slowest.part, slowest.movedAt);
    const stood = Math.round((now - slowest.movedAt) / 1_000);
    this.#logger.warn(
      `The part ${slowest.part} of ${path} has held the watermark at ${instantText(slowest.watermark)} for ${stood} s, while others have ` +
        `got to ${instantText(Math.max(...ahead.map(({ watermark }) => watermark)))}: windows wait for it. If there is nothing to come from ` +
        "it, give the source an idleTimeout.",
      { step: path, part: slowest.part },
    );
  }
}

/** Whether a part has given something out since another one stood still. */
const isNewer = ({ lastElementAt }: PartStatus, { movedAt }: PartStatus): boolean => lastElementAt !== undefined && lastElementAt > movedAt;
