export { caseModule, type BuiltOutputs, type CaseModule, type CaseOptions, type ConformanceCase, type Outputs } from "./case-module.ts";
export { allModules } from "./cases/index.ts";
export { catalogue, rowOf, sections, type Level, type Section } from "./catalogue.ts";
export { cuts, type LabelledCut } from "./cuts.ts";
export { describeRunner, type SuiteOptions, type TestLibrary } from "./suite.ts";
