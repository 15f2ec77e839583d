/**
 * Where a row of the catalogue is checked: once on the graph (`build`), once on a part of the engine (`engine`), once on the bytes of
 * Beam's encodings (`wire`), on every runner under every cut (`pipeline`), or nowhere, because it has no meaning here (`none`).
 */
export type Level = "build" | "engine" | "wire" | "pipeline" | "none";

/** A section of the catalogue of behaviours. Numbers are those of its rows; a row without a level of its own is at `pipeline`. */
export interface Section extends Readonly<Partial<Record<Exclude<Level, "pipeline">, readonly number[]>>> {
  /** What it is about. */
  readonly title: string;
  /** Its rows; numbers may be missing. */
  readonly rows: readonly number[];
}

/** The sections of the catalogue, by the name that the ids of their rows begin with. */
export const sections: Readonly<Record<string, Section>> = {
  PAR: { title: "PTransform / ParDo basics", rows: [1, 2, 3, 4, 5, 7, 8, 9, 10, 11, 12, 13, 16, 17], build: [16] },
  OUT: { title: "Multi-output", rows: [1, 2, 3, 6, 7, 8, 9, 10, 11], build: [11] },
  SI: {
    title: "Side inputs (incl. windowed, waiting)",
    rows: [1, 2, 4, 5, 7, 8, 10, 12, 14, 15, 16, 17, 18, 20, 21, 22, 23, 24, 25, 26, 27, 28, 32, 33, 34, 36, 38, 39, 40, 41, 50, 55],
    build: [32, 41],
  },
  GBK: { title: "GroupByKey", rows: [1, 2, 3, 4, 5, 7, 8, 9, 10, 11, 12, 14, 15, 17, 18], build: [8, 9, 10, 11, 18] },
  CMB: {
    title: "Combine (lifted, hot keys, windows, context)",
    rows: [1, 2, 3, 4, 5, 6, 8, 10, 12, 13, 15, 17, 18, 19, 21, 22, 24, 25],
    build: [21],
  },
  COG: { title: "CoGroupByKey", rows: [1, 2, 5], build: [5] },
  FLT: { title: "Flatten", rows: [1, 2, 3, 4, 6, 7, 8, 9, 10, 12], build: [9, 12] },
  WIN: {
    title: "Windowing",
    rows: [1, 2, 3, 5, 6, 7, 9, 10, 13, 14, 15, 16, 17, 18, 20, 21, 25, 27, 28, 29, 30, 31, 32, 33],
    build: [3, 10, 16, 25, 27, 32],
    engine: [31, 33],
  },
  TS: { title: "Timestamps and skew", rows: [1, 2, 3, 4, 5, 10, 11, 12], build: [12] },
  TRG: {
    title: "Trigger state machines",
    rows: [1, 2, 3, 5, 6, 7, 8, 11, 12, 13, 15, 16, 17, 19, 20, 21, 22, 23, 24, 25, 26, 28, 29, 30, 31, 33, 34, 35, 37, 38, 41, 42, 43],
    engine: [1, 2, 3, 5, 6, 7, 8, 11, 12, 13, 15, 16, 17, 19, 31, 33, 34, 35, 37, 38],
  },
  CONT: { title: "Continuation triggers and firing guarantees", rows: [1, 2, 4, 5, 6], engine: [1, 2, 4, 5, 6] },
  PANE: {
    title: "Panes, accumulation, on-time and closing behaviour",
    rows: [1, 3, 4, 5, 7, 8, 10, 11, 12, 13, 15, 17, 18, 19, 21, 22, 24, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36],
    engine: [1, 3, 11, 12, 18, 21, 22, 24, 33, 36],
  },
  LATE: { title: "Late data and allowed lateness", rows: [1, 2, 4, 5, 6, 7, 9, 11, 13, 14], engine: [11] },
  WM: {
    title: "Watermarks and holds",
    rows: [2, 3, 4, 5, 6, 8, 9, 10, 11, 12, 17, 18, 21, 23, 24],
    engine: [2, 3, 4, 5, 6, 8, 9, 10, 11, 12, 17, 18, 21],
  },
  ST: {
    title: "State (per key and window)",
    rows: [1, 2, 3, 4, 5, 7, 8, 9, 11, 13, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 27, 28, 29, 30, 50],
    build: [30, 50],
  },
  TM: {
    title: "Timers",
    rows: [
      1, 4, 5, 6, 7, 8, 9, 10, 12, 13, 14, 18, 19, 20, 21, 23, 24, 25, 27, 29, 30, 31, 32, 33, 34, 36, 37, 39, 40, 41, 42, 43, 44, 45, 46,
    ],
    build: [43],
    engine: [39, 40, 41],
  },
  OWE: { title: "OnWindowExpiration", rows: [1, 3, 5] },
  RTSI: { title: "RequiresTimeSortedInput", rows: [1, 2, 4, 5] },
  SDF: {
    title: "Splittable DoFn",
    rows: [1, 2, 3, 4, 6, 7, 8, 10, 11, 12, 13, 15, 16, 17, 20, 21, 22, 24, 25, 28, 29, 30],
    build: [8],
    engine: [10, 11, 12, 13, 15, 16, 17, 20, 21, 22, 24, 28, 29, 30],
  },
  TSTR: { title: "TestStream", rows: [1, 2, 3, 4, 6, 8, 9, 11, 12, 13], build: [2], engine: [9] },
  MET: { title: "Metrics", rows: [1, 2, 3, 4, 7, 8, 9, 10, 12, 13], build: [8], engine: [9, 10] },
  LIFE: { title: "Lifecycle and bundle finalization", rows: [1, 2, 3, 5, 6, 9, 10] },
  RSH: { title: "Reshuffle / Redistribute", rows: [1, 2, 4, 6, 7] },
  LIB: { title: "Partition and composite transforms", rows: [1, 2, 3, 4, 6, 9, 10, 11] },
  PAS: { title: "Assertions (PAssert)", rows: [1, 2, 3, 4] },
  CRE: { title: "Impulse and Create", rows: [1, 2, 3, 4, 5, 7], engine: [7] },
  COD: {
    title: "Coders (Beam's standard encodings)",
    rows: [1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 12, 13],
    engine: [13],
    wire: [1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 12],
  },
  DD: { title: "Display data", rows: [1, 2, 4, 5], build: [4, 5], none: [1, 2] },
  DAG: { title: "Construction-time validation", rows: [1, 2, 4, 6, 8], build: [1, 2, 4, 6] },
  TRN: { title: "Transcript files", rows: [4, 5, 6] },
};

/** The level of each row, by its id, such as `PAR-01`. */
export const catalogue: ReadonlyMap<string, Level> = new Map(
  Object.entries(sections).flatMap(([name, section]) => section.rows.map((row) => [idOf(name, row), levelOf(section, row)])),
);

/** The row that a case belongs to: `CMB-06` for `CMB-06/fanout`. */
export const rowOf = (caseId: string): string => caseId.split("/", 1)[0]!;

function idOf(section: string, row: number): string {
  return `${section}-${String(row).padStart(2, "0")}`;
}

function levelOf(section: Section, row: number): Level {
  return (["build", "engine", "wire", "none"] as const).find((level) => section[level]?.includes(row)) ?? "pipeline";
}
