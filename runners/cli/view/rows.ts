import type { StepCount, StepProgress } from "./progress.ts";
import type { Shape } from "./shape.ts";

/** What is shown of a step, or of a composite with all that is in it. */
export interface Row {
  readonly path: string;
  /** The last part of the path, which stands below the composite that it is part of. */
  readonly name: string;
  /** How many composites it is part of. */
  readonly depth: number;
  /** Nothing for a composite that is no more than a heading. */
  readonly counts: StepProgress | undefined;
  /** Whether what it is made of is shown below it. */
  readonly isOpen: boolean;
}

/** A step in the tree of steps. */
interface Branch {
  readonly path: string;
  readonly name: string;
  readonly own: StepProgress | undefined;
  readonly parts: readonly Branch[];
}

/** How many levels of steps are shown to those who do not ask for all. */
const LEVELS = 2;

/**
 * The rows of a run, composites before what they are made of.
 *
 * Without `shape` every step has a row. With it a source, which is three steps, and a written file, which is two, have one
 * row each, because the steps that only serve another one are taken for parts of it. And composites are opened at the top
 * only: what a join or a combine is made of helps few of those who use it.
 *
 * @param most - how many rows there is room for: as long as there are more, the innermost composites are shown as one row each.
 */
export function rowsOf(steps: readonly StepProgress[], shape?: Shape, most = Infinity): readonly Row[] {
  const tree = treeOf(steps, "");
  const branches = shape === undefined ? tree : withoutHelpers(tree, shape.helpers);
  for (let levels = Math.min(heightOf(branches), shape === undefined ? Infinity : LEVELS); levels > 1; levels--) {
    const rows = rowsDownTo(levels, branches);
    if (rows.length <= most) return rows;
  }
  return rowsDownTo(1, branches);
}

/** Steps in the order in which they are given, below the composites whose paths theirs begin with. */
function treeOf(steps: readonly StepProgress[], prefix: string): readonly Branch[] {
  const groups = new Map<string, StepProgress[]>();
  for (const step of steps) {
    const name = step.path.slice(prefix.length).split("/")[0]!;
    const group = groups.get(name);
    if (group === undefined) groups.set(name, [step]);
    else group.push(step);
  }
  return Array.from(groups, ([name, group]) => {
    const path = prefix + name;
    const inside = group.filter((step) => step.path !== path);
    return { path, name, own: group.find((step) => step.path === path), parts: treeOf(inside, `${path}/`) };
  });
}

/** A composite of which one step is left is that step; what its helpers did is added to it. */
function withoutHelpers(branches: readonly Branch[], helpers: ReadonlySet<string>): readonly Branch[] {
  return branches
    .filter(({ path }) => !helpers.has(path))
    .map((branch) => {
      const parts = withoutHelpers(branch.parts, helpers);
      const [only] = parts;
      const isOne = parts.length === 1 && only!.parts.length === 0;
      return isOne ? { ...branch, own: summed(branch), parts: [] } : { ...branch, parts };
    });
}

const heightOf = (branches: readonly Branch[]): number => branches.reduce((most, { parts }) => Math.max(most, 1 + heightOf(parts)), 0);

function rowsDownTo(levels: number, branches: readonly Branch[], depth = 0): readonly Row[] {
  return branches.flatMap((branch) => {
    const { path, name, own, parts } = branch;
    const isOpen = levels > 1 && parts.length > 0;
    const row = { path, name, depth, counts: isOpen ? own : summed(branch), isOpen };
    return isOpen ? [row, ...rowsDownTo(levels - 1, parts, depth + 1)] : [row];
  });
}

/** What a composite took and gave, and all that happened within. One without counts has those of the step that is all it shows. */
function summed({ path, own, parts }: Branch): StepProgress | undefined {
  const inside = parts.map(summed).filter((counts) => counts !== undefined);
  const counts = own ?? inside.at(-1);
  if (counts === undefined) return undefined;
  const sumOf = (field: "bytes" | "busyMs" | "dropped" | "late" | "skipped" | "failed"): number =>
    inside.reduce((sum, part) => sum + part[field], own?.[field] ?? 0);
  const status = summedStatus(counts.status, inside);
  return {
    ...counts,
    ...(status === undefined ? {} : { status }),
    path,
    bytes: sumOf("bytes"),
    busyMs: sumOf("busyMs"),
    dropped: sumOf("dropped"),
    late: sumOf("late"),
    skipped: sumOf("skipped"),
    failed: sumOf("failed"),
  };
}

/** A composite is as far as what it gives; in it waits what waits in any of its steps. */
function summedStatus(own: StepCount["status"], inside: readonly StepCount[]): StepCount["status"] {
  if (own === undefined) return undefined;
  const statuses = inside.flatMap(({ status }) => status ?? []);
  const backlogs = [own, ...statuses].flatMap(({ backlog }) => backlog ?? []);
  return {
    watermark: own.watermark,
    queued: statuses.reduce((all, { queued }) => all + queued, own.queued),
    ...(backlogs.length === 0 ? {} : { backlog: backlogs.reduce((a, b) => a + b, 0) }),
  };
}
