export { assertThat, type CollectionAssertion } from "./assert-that.ts";
export { comparableText, differenceOf } from "./same-elements.ts";
