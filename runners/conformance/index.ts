export { caseModule, type CaseModule, type CaseOptions, type ConformanceCase, type Outputs } from "./case-module.ts";
export { cuts, type LabelledCut } from "./cuts.ts";
export { describeRunner, type SuiteOptions, type TestLibrary } from "./suite.ts";
