import type { AnyDoFn } from "../../sdk/do-fn.ts";
import type { Graph } from "../../sdk/graph.ts";
import { isGlobal } from "../../sdk/windows/global.ts";

/** Something in a graph that works and is probably not meant so. */
export interface Warning {
  /** The path of the step. */
  readonly at: string;
  readonly what: string;
  readonly fix: string;
}

/** What in a graph may be a mistake that shows only when a pipeline has run for long. */
export const warningsOf = ({ nodes, collections }: Graph): readonly Warning[] =>
  nodes.flatMap((node): readonly Warning[] => {
    if (node.kind !== "parDo" || node.fn.kind !== "doFn" || node.fn.keyCoder === undefined) return [];
    const { isBounded, windowing } = collections[node.inputs[0]!]!;
    if (isBounded || !isGlobal(windowing) || !keepsForEver(node.fn.doFn)) return [];
    return [
      {
        at: node.path,
        what: "state is kept for every key that ever comes: the input has no end, its window has none either, and the state has no time to live",
        fix: "set timeToLive on the DoFn, or put its input into windows; timeToLive: NEVER says that it is meant so",
      },
    ];
  });

const keepsForEver = ({ state, timeToLive }: AnyDoFn): boolean =>
  timeToLive === undefined && Object.keys((state ?? {}) as object).length > 0;

/** A warning as a line. */
export const warningText = ({ at, what, fix }: Warning): string => `${what} at "${at}"; ${fix}`;
