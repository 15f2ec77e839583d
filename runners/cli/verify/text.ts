import { kindOf } from "../explain/words.ts";
import { grouped } from "../view/numbers.ts";
import type { Comparison, Difference } from "./compare.ts";
import { isEmpty, verdictOf, type Report } from "./report.ts";
import type { Note } from "./subjects.ts";
import { whatOf, windowText } from "./words.ts";

/** A report for people: what differs, what is the same, what was not compared, and what it comes to. */
export function textOf(report: Report): string {
  const { comparisons, failures, notCompared, unseen, runners } = report;
  const different = comparisons.filter(({ differing }) => differing > 0);
  const same = comparisons.filter(({ differing }) => differing === 0);
  return [
    section(
      "failed on",
      failures.map(({ runner }) => [runner]),
    ),
    section(
      "differs",
      different.map((each) => differenceLines(each, runners)),
    ),
    section(
      "same",
      same.map((each) => [`${stepText(each)}: ${sizeText(each)}`]),
    ),
    section("not compared", notCompared.map(noteLine)),
    section("not seen", unseen.map(noteLine)),
    `${verdictText(report)}\n`,
  ]
    .filter((text) => text !== "")
    .join("\n");
}

const section = (title: string, items: readonly (readonly string[])[]): string =>
  items.length === 0 ? "" : `${title}\n${items.flatMap((lines) => lines.map((line) => `  ${line}\n`)).join("")}`;

const noteLine = ({ step, why }: Note): readonly string[] => [`${step}: ${why}`];

const stepText = ({ subject }: Comparison): string => `${subject.tap.node.path} (${kindOf(subject.tap.node)})`;

/** How much was compared. */
function sizeText(comparison: Comparison): string {
  const { size, subject } = comparison;
  const s = size === 1 ? "" : "s";
  if (subject.how === "elements") return `${grouped(size)} different element${s}`;
  return `the ${whatOf(comparison)} of ${grouped(size)} key${s} and window${s}`;
}

function differenceLines(comparison: Comparison, runners: readonly string[]): readonly string[] {
  const { differing, examples } = comparison;
  const width = Math.max(...runners.map((runner) => runner.length));
  const more = differing - examples.length;
  return [
    `${stepText(comparison)}: ${grouped(differing)} of ${sizeText(comparison)}`,
    ...examples.flatMap((example) => [
      `  ${placeText(example)}`,
      ...runners.map((runner, i) => `    ${runner.padEnd(width)}  ${example.had[i]?.text ?? "nothing"}`),
    ]),
    ...(more > 0 ? [`  and ${grouped(more)} more`] : []),
  ];
}

const placeText = ({ place, element }: Difference): string =>
  place === undefined ? element! : `key ${place.key}, ${windowText(place.window)}`;

function verdictText(report: Report): string {
  const { pipeline, runners, failures } = report;
  switch (verdictOf(report)) {
    case "same":
      return `${pipeline}: ${runners.join(", ")} agree`;
    case "different":
      return failures.length > 0
        ? `${pipeline} failed on ${failures.map(({ runner }) => runner).join(", ")}`
        : `${pipeline}: ${runners.join(", ")} differ`;
    case "nothing":
      return isEmpty(report)
        ? `${pipeline}: there is nothing that could be compared, so it was not run`
        : `${pipeline}: nothing came out on ${runners.join(", ")}, so nothing was compared`;
  }
}
