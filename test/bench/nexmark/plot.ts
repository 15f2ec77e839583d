/** How much a query costs on a runner, in what the loop by hand costs. */
export interface Ratio {
  readonly query: string;
  readonly runner: string;
  readonly ratio: number;
}

const BAR = 12;
const GAP = 14;
const LEFT = 56;
const WIDTH = 560;
const COLOURS = ["#2b6cb0", "#dd6b20", "#38a169"];

/** Bars for each query and runner, as SVG, with a line where the loop by hand is. */
export function ratioPlot(ratios: readonly Ratio[], title: string): string {
  const queries = [...new Set(ratios.map(({ query }) => query))];
  const runners = [...new Set(ratios.map(({ runner }) => runner))];
  const most = Math.max(1, ...ratios.map(({ ratio }) => ratio));
  const xOf = (ratio: number): number => LEFT + (ratio / most) * WIDTH;
  const rowHeight = runners.length * BAR + GAP;
  const top = 52;
  const bars = ratios.map(({ query, runner, ratio }) => {
    const number = runners.indexOf(runner);
    const y = top + queries.indexOf(query) * rowHeight + number * BAR;
    const bar = `<rect x="${LEFT}" y="${y}" width="${(xOf(ratio) - LEFT).toFixed(1)}" height="${BAR - 2}" fill="${COLOURS[number % COLOURS.length]!}"/>`;
    return `${bar}${text(xOf(ratio) + 4, y + BAR - 3, ratio.toFixed(2))}`;
  });
  const names = queries.map((query, row) => text(8, top + row * rowHeight + (runners.length * BAR) / 2 + 4, query));
  const legend = runners.map(
    (runner, number) =>
      `<rect x="${LEFT + number * 120}" y="30" width="10" height="10" fill="${COLOURS[number % COLOURS.length]!}"/>${text(LEFT + number * 120 + 14, 39, runner)}`,
  );
  const height = top + queries.length * rowHeight;
  const byHand = `<line x1="${xOf(1).toFixed(1)}" y1="${top - 4}" x2="${xOf(1).toFixed(1)}" y2="${height - GAP + 2}" stroke="#888" stroke-dasharray="3 3"/>`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${LEFT + WIDTH + 60}" height="${height}" font-family="sans-serif" font-size="11">`,
    `<rect width="100%" height="100%" fill="#fff"/>`,
    text(8, 18, title),
    ...legend,
    byHand,
    ...names,
    ...bars,
    "</svg>",
    "",
  ].join("\n");
}

const text = (x: number, y: number, words: string): string => `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" fill="#222">${words}</text>`;
