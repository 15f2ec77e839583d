export { assertThat, type CollectionAssertion, type WindowedAssertion } from "./assert-that.ts";
export { At, at } from "./at.ts";
export { comparableText, differenceOf } from "./same-elements.ts";
export { manualClock } from "./manual-clock.ts";
export { testStream, testStreams, type TestStream, type TestStreams } from "./test-stream.ts";
