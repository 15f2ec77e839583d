import type { CaseModule } from "../case-module.ts";
import { combineCases } from "./combine.ts";
import { groupByKeyCases } from "./group-by-key.ts";
import { parDoCases } from "./par-do.ts";
import { windowCases } from "./windows.ts";

/** All cases that runners must pass, by module. */
export const allModules: readonly CaseModule[] = [parDoCases, groupByKeyCases, combineCases, windowCases];
