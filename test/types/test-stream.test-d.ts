import { kvCoder, map, numberCoder, output, seconds, stringCoder, type KV, type PCollection } from "millrace";
import { at, testStream, testStreams, type At, type TestStream } from "millrace/testing";
import { p } from "./inputs.ts";
import { is } from "./is.ts";

is<At<string>>()(at(3, "a"));

// One stream.
const letters = testStream<string>()
  .advanceWatermarkTo(10)
  .addElements("a", at(3, "b"))
  .advanceProcessingTime(seconds(5))
  .advanceWatermarkToInfinity();
is<TestStream<string>>()(letters);
is<PCollection<string>>()(p.apply(letters));
is<PCollection<string>>()(p.apply("Letters", letters));
is<PCollection<number>>()(p.apply(letters).apply(map((letter) => letter.length)));
is<PCollection<number>>()(p.apply(testStream(numberCoder).addElements(1)));
is<PCollection<KV<string, number>>>()(p.apply(testStream(kvCoder(stringCoder, numberCoder)).addElements(["a", 1], at(3, ["b", 2]))));
is<PCollection<KV<string, number>>>()(p.apply(testStream<KV<string, number>>().addElements(["a", 1], at(3, ["b", 2]))));
is<PCollection<string | number>>()(p.apply(testStream<string | number>().addElements("a", at(3, 1))));
// @ts-expect-error an element of another type
letters.addElements(1);
// @ts-expect-error an element of another type, with a time
letters.addElements(at(3, 1));
// @ts-expect-error the time comes first
letters.addElements(at("a", 3));

// Several.
const streams = testStreams({ letters: output<string>(), numbers: output(numberCoder) })
  .advanceWatermarkTo("letters", 5)
  .addElements("letters", "a", at(6, "b"))
  .addElements("numbers", 1, at(11, 2))
  .advanceProcessingTime(seconds(5))
  .advanceWatermarkToInfinity("numbers");
const outputs = p.apply(streams);
is<{ readonly letters: PCollection<string>; readonly numbers: PCollection<number> }>()(outputs);
// @ts-expect-error an element of the other stream
streams.addElements("letters", 1);
// @ts-expect-error no such stream
streams.addElements("lost", "a");
// @ts-expect-error which stream?
streams.advanceWatermarkTo(5);
// @ts-expect-error no such stream
is<unknown>()(outputs.lost);
