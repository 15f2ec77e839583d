import { PipelineError } from "../../sdk/errors.ts";
import type { CollectionId, Node } from "../../sdk/graph.ts";
import type { StepStatus, WatermarkHolder, Why } from "../../sdk/step-status.ts";
import { MAX_INSTANT, MIN_INSTANT, NEVER, type Instant } from "../../sdk/time.ts";
import { globalWindow } from "../../sdk/windows/global.ts";
import type { PartStatus } from "./part-status.ts";
import type { Plan } from "./plan.ts";
import { outputsOf } from "./stage-loop.ts";
import type { StageStatus } from "./stage-status.ts";

/** A run at one moment. */
export interface Moment {
  readonly plan: Plan;
  /** By stage. */
  readonly statuses: readonly StageStatus[];
  /** Processing time. */
  readonly now: Instant;
  /** How many elements came into a collection. */
  readonly countOf: (collection: CollectionId) => number;
}

/** How far the steps are, in the order of the graph. */
export function stepStatuses(moment: Moment): readonly StepStatus[] {
  return moment.plan.graph.nodes.flatMap((node): readonly StepStatus[] => {
    const made = stagesOf(node, moment);
    if (made.length === 0) return [];
    const own = moment.statuses.find(({ stage }) => stage.path === node.path);
    const watermark = Math.min(...made.map((status) => (isSink(status) ? status.inputWatermark : status.outputWatermark)));
    const backlogs = own?.parts.flatMap(({ backlog }) => backlog ?? []) ?? [];
    return [
      {
        step: node.path,
        watermark,
        queued: own === undefined || isRead(own) ? 0 : own.queued + own.held + own.blockedElements,
        ...(backlogs.length === 0 ? {} : { backlog: backlogs.reduce((a, b) => a + b, 0) }),
      },
    ];
  });
}

/**
 * Why there is nothing from a step, or no more.
 *
 * @throws PipelineError `UNKNOWN_STEP` when the pipeline has no such step.
 */
export function whyOf(step: string, moment: Moment): Why {
  const { graph } = moment.plan;
  const node = graph.nodes.find(({ path }) => path === step);
  const status = node && leastOf(stagesOf(node, moment));
  if (node === undefined || status === undefined) throw unknownStep(step, graph.nodes);
  if (status.outputWatermark >= MAX_INSTANT) {
    return { step, at: step, reason: "done", text: `${step} is done. ${balanceOf(node, moment)}` };
  }
  const { text, ...facts } = causeOf(status, moment, new Set());
  const lead = facts.at === node.path || isInside(facts.at, node) ? "" : `${step} has nothing to do now. `;
  return { step, ...facts, text: `${lead}${text} ${balanceOf(node, moment)}` };
}

type Cause = Omit<Why, "step">;

/** What a stage waits for; what the ones before it do, where it waits for nothing but them. */
function causeOf(status: StageStatus, moment: Moment, seen: Set<number>): Cause {
  const { stage, inputWatermark, outputWatermark, queued, held, blocked, blockedElements, nextTimer, nextDeadline } = status;
  const at = stage.path;
  seen.add(stage.id);
  if (outputWatermark >= MAX_INSTANT) return { at, reason: "done", text: `${at} is done.` };
  if (isRead(status) && status.queued + status.resting > 0) return readCause(status, moment);
  if (queued > 0) return { at, reason: "busy", text: `${at} has ${elements(queued)} to work on.` };
  if (blockedElements > 0) return sideInputCause(at, blockedElements, blocked[0]!, moment);
  if (held > 0) return { at, reason: "calls", text: `${at} waits for the calls of ${elements(held)} to end.` };
  const watermark = watermarkFacts(status, moment);
  if (isSink(status) && inputWatermark >= MAX_INSTANT) {
    return { at, reason: "commit", text: `${at} has written everything, and publishes it when nothing else is under way.` };
  }
  if (isSink(status)) {
    return {
      at,
      reason: "commit",
      until: MAX_INSTANT,
      ...watermark.facts,
      text: `${at} publishes what it has written when its input ends. ${watermark.text}`,
    };
  }
  if (nextTimer !== NEVER) {
    const or = nextDeadline === NEVER ? "" : `, or for processing time to reach ${instantText(nextDeadline)}`;
    const text = `${at} waits for the watermark to pass ${instantText(nextTimer)}${or}. ${watermark.text}`;
    return { at, reason: "watermark", until: nextTimer, ...watermark.facts, text };
  }
  if (nextDeadline !== NEVER) {
    const text = `${at} waits for processing time to reach ${instantText(nextDeadline)}; it is ${instantText(moment.now)}.`;
    return { at, reason: "processingTime", until: nextDeadline, text };
  }
  const before = leastOf(stage.upstream.filter((id) => !seen.has(id)).map((id) => moment.statuses[id]!));
  if (before !== undefined) return causeOf(before, moment, seen);
  return { at, reason: "source", text: `${at} waits for what the test says next.` };
}

function readCause(status: StageStatus, { now }: Moment): Cause {
  const { stage, parts, queued, resting, outputWatermark } = status;
  const at = stage.path;
  if (queued > 0) return { at, reason: "busy", text: `${at} is reading.` };
  const [slowest] = parts;
  const of = resting === 1 ? "" : ` in any of its ${resting} parts`;
  const last = slowest === undefined ? "" : ` The part ${slowest.part} ${lastText(slowest, now)}.`;
  const text = `${at} waits for its source, which has nothing for now${of}.${last}`;
  return { at, reason: "source", watermark: outputWatermark, text };
}

function sideInputCause(at: string, count: number, { view, windowEnd }: StageStatus["blocked"][number], moment: Moment): Cause {
  const { path, stage } = moment.plan.views[view]!;
  const made = moment.statuses[stage]!;
  const watermark = heldText(made, made.outputWatermark, moment);
  return {
    at,
    reason: "sideInput",
    until: windowEnd,
    watermark: made.outputWatermark,
    ...watermark.facts,
    text: `${elements(count)} in ${at} ${count === 1 ? "waits" : "wait"} for the side input ${path}, in its window that ends at ${instantText(windowEnd)}. ${watermark.text}`,
  };
}

const watermarkFacts = (status: StageStatus, moment: Moment): { readonly facts: Partial<Cause>; readonly text: string } => {
  const { facts, text } = heldText(status, status.inputWatermark, moment);
  return { facts: { watermark: status.inputWatermark, ...facts }, text };
};

function heldText(status: StageStatus, watermark: Instant, moment: Moment): { readonly facts: Partial<Cause>; readonly text: string } {
  const { holder, how } = holderOf(status, moment);
  return { facts: { heldBy: holder }, text: `The watermark is at ${instantText(watermark)}: ${how}.` };
}

/** What keeps the input watermark of a stage back: the first cause, however far up. */
function holderOf(status: StageStatus, moment: Moment): { readonly holder: WatermarkHolder; readonly how: string } {
  const { stage, inputWatermark, earliest, parts } = status;
  const at = stage.path;
  const { now } = moment;
  const held = (how: string, { stage: { path: step }, lastAt }: StageStatus = status): ReturnType<typeof holderOf> => ({
    holder: { step, ...(lastAt === NEVER ? {} : { lastElementAt: lastAt }) },
    how,
  });
  if (isRead(status)) {
    const slowest = parts.find(({ idleFrom }) => idleFrom > now);
    if (slowest === undefined) return held(`${at} has not been read to its end`);
    const { part, lastElementAt } = slowest;
    const backlog = (slowest.backlog ?? 0) === 0 ? "" : `, with ${slowest.backlog} more to read`;
    const how = `the part ${part} of ${at} has got no further${backlog}, and ${lastText(slowest, now)}`;
    return { holder: { step: at, part, ...(lastElementAt === undefined ? {} : { lastElementAt }) }, how };
  }
  if (earliest <= inputWatermark) return held(`elements of that time wait in ${at}`);
  const before = leastOf(stage.upstream.map((id) => moment.statuses[id]!));
  if (before === undefined) return held(`${at} has said so`);
  if (before.outputWatermark >= before.inputWatermark || isRead(before)) return holderOf(before, moment);
  const { path } = before.stage;
  if (isSink(before)) return held(`what ${path} writes is not published yet`, before);
  if (before.stage.head.kind === "testStream") return held(`the test stream ${path} says so`, before);
  return held(`${path} is going to give out something of that time`, before);
}

/** What went in and out; of a step that nothing came to, of the one before it that let nothing through. */
function balanceOf(node: Node, moment: Moment): string {
  const sum = (collections: readonly CollectionId[]): number => collections.reduce((all, id) => all + moment.countOf(id), 0);
  const [taken, given] = [sum(node.inputs), sum(Object.values(node.outputs))];
  const before = moment.plan.graph.nodes.find(({ outputs }) => Object.values(outputs).some((id) => node.inputs.includes(id)));
  if (taken === 0 && before !== undefined) return balanceOf(before, moment);
  if (node.inputs.length === 0) return `${node.path} has given ${elements(given)}.`;
  return `${node.path} has taken ${elements(taken)}${Object.keys(node.outputs).length === 0 ? "" : ` and given ${elements(given)}`}.`;
}

/** The stages that make what a node gives, or where it gives nothing, what it takes; those around it where it is part of something else. */
function stagesOf(node: Node, moment: Moment): readonly StageStatus[] {
  const { plan, statuses } = moment;
  const own = statuses.filter(({ stage }) => stage.path === node.path);
  if (own.length > 0) return own;
  for (const collections of [Object.values(node.outputs), node.inputs]) {
    const makers = statuses.filter(({ stage }) => outputsOf(stage).some(({ collection }) => collections.includes(collection)));
    if (makers.length > 0) return makers;
  }
  return node.parent === undefined ? [] : stagesOf(plan.graph.nodes[node.parent]!, moment);
}

/** The one that is behind the others. */
const leastOf = (statuses: readonly StageStatus[]): StageStatus | undefined =>
  statuses.toSorted((a, b) => a.outputWatermark - b.outputWatermark)[0];

const isRead = ({ stage }: StageStatus): boolean => stage.head.kind === "read";
const isSink = ({ stage }: StageStatus): boolean => stage.head.kind === "sink";
const isInside = (path: string, composite: Node): boolean => path.startsWith(`${composite.path}/`);

const elements = (count: number): string => `${count} element${count === 1 ? "" : "s"}`;

const lastText = ({ lastElementAt }: PartStatus, now: Instant): string =>
  lastElementAt === undefined ? "has given no element yet" : `gave its last element ${agoText(lastElementAt, now)}`;

/** An instant for people: in UTC, or as what it stands for. */
export function instantText(instant: Instant): string {
  if (instant <= MIN_INSTANT) return "the beginning of time";
  if (instant >= globalWindow.maxTimestamp) return "the end of time";
  return new Date(instant).toISOString();
}

function agoText(instant: Instant, now: Instant): string {
  const seconds = Math.max(0, now - instant) / 1_000;
  return `${seconds < 10 ? seconds.toFixed(1) : Math.round(seconds)} s ago`;
}

/** Names the steps that come nearest, or all where there are few. */
function unknownStep(step: string, nodes: readonly Node[]): PipelineError {
  const own = step.split("/").at(-1)!.toLowerCase();
  const paths = nodes.map(({ path }) => path);
  const near = paths.filter((path) => path.toLowerCase().includes(own));
  return new PipelineError("UNKNOWN_STEP", {
    what: "the pipeline has no step of this name",
    got: JSON.stringify(step),
    fix: `give the full path of a step: ${(near.length > 0 ? near : paths).slice(0, 8).join(", ")}`,
  });
}
