import type { CaseModule } from "../case-module.ts";
import { assertionCases } from "./assertions.ts";
import { cellCases } from "./cells.ts";
import { batchCases } from "./batches.ts";
import { coGroupByKeyCases } from "./co-group-by-key.ts";
import { combineCases } from "./combine.ts";
import { combineSideInputCases } from "./combine-side-inputs.ts";
import { createCases } from "./create.ts";
import { duplicateCases } from "./duplicates.ts";
import { flattenCases } from "./flatten.ts";
import { groupByKeyCases } from "./group-by-key.ts";
import { joinCases } from "./joins.ts";
import { lateCases } from "./late.ts";
import { libraryCases } from "./library.ts";
import { lifecycleCases } from "./lifecycle.ts";
import { metricCases } from "./metrics.ts";
import { outputCases } from "./outputs.ts";
import { paneCases } from "./panes.ts";
import { parDoCases } from "./par-do.ts";
import { reshuffleCases } from "./reshuffle.ts";
import { sideInputCases } from "./side-inputs.ts";
import { sideInputInTimeCases } from "./side-inputs-in-time.ts";
import { splittableCases } from "./splittable.ts";
import { stateCases } from "./state.ts";
import { testStreamCases } from "./test-stream.ts";
import { timeSortedCases } from "./time-sorted.ts";
import { timerFamilyCases } from "./timer-families.ts";
import { timerCases } from "./timers.ts";
import { timestampCases } from "./timestamps.ts";
import { transcriptCases } from "./transcripts.ts";
import { triggerCases } from "./triggers.ts";
import { waitCases } from "./wait.ts";
import { watermarkCases } from "./watermarks.ts";
import { windowExpirationCases } from "./window-expiration.ts";
import { windowCases } from "./windows.ts";

/** All cases that runners must pass, by module. */
export const allModules: readonly CaseModule[] = [
  createCases,
  parDoCases,
  outputCases,
  lifecycleCases,
  metricCases,
  groupByKeyCases,
  combineCases,
  combineSideInputCases,
  coGroupByKeyCases,
  flattenCases,
  sideInputCases,
  sideInputInTimeCases,
  windowCases,
  timestampCases,
  testStreamCases,
  splittableCases,
  triggerCases,
  paneCases,
  lateCases,
  watermarkCases,
  stateCases,
  cellCases,
  timerCases,
  timerFamilyCases,
  windowExpirationCases,
  timeSortedCases,
  transcriptCases,
  reshuffleCases,
  libraryCases,
  joinCases,
  batchCases,
  duplicateCases,
  waitCases,
  assertionCases,
];
