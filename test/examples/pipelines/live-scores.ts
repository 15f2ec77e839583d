import { definePipeline, hours, minutes } from "millrace";
import { writeJsonLines } from "millrace/io/json-lines";
import { at, testStream, type At } from "millrace/testing";
import { teamScores, type Score } from "../../../docs/examples/game-scores.ts";

/** A score of the team red at a time of day. */
const red = (time: string, points: number): At<Score> => {
  const when = `2024-05-01T${time}:00Z`;
  return at(Date.parse(when), { player: "ann", team: "red", points, at: when });
};

const scores = testStream<Score>()
  .advanceWatermarkTo(Date.parse("2024-05-01T18:00:00Z"))
  .addElements(red("18:04", 5))
  .advanceProcessingTime(minutes(2))
  .addElements(red("18:06", 4)) // within the five minutes that the first one began
  .advanceProcessingTime(minutes(3)) // early: 9
  .advanceProcessingTime(hours(1)) // nothing new
  .addElements(red("18:50", 1))
  .advanceWatermarkTo(Date.parse("2024-05-01T19:00:00Z")) // on time: 10
  .addElements(red("18:30", 8)) // late: 18
  .addElements(red("18:20", 2)) // late: 20
  .advanceWatermarkTo(Date.parse("2024-05-01T21:00:00Z"))
  .addElements(red("18:59", 99)) // too late, and dropped
  .advanceWatermarkToInfinity();

/** The team scores of a stream, of which it is known what comes when. */
export default definePipeline(import.meta.url, { options: { output: { type: "string", required: true } } }, (p, { output }) => {
  p.apply("Scores", scores).apply(teamScores).apply("Write", writeJsonLines(output));
});
