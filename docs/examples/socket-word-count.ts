import {
  afterProcessingTime,
  afterWatermark,
  countPerElement,
  definePipeline,
  fixedWindows,
  flatMap,
  seconds,
  tap,
  windowInto,
} from "millrace";
import { readSocket } from "millrace/io/socket";

/**
 * Words by the number of times they came in each five seconds, from whoever sends lines to a port. Each second there is a preview of
 * the window that is open, in brackets; what it counts in the end stands without them.
 */
export default definePipeline(
  import.meta.url,
  {
    name: "socket-word-count",
    options: {
      host: { type: "string", default: "localhost", help: "who sends the lines" },
      port: { type: "number", default: 9_999, help: "where it listens" },
    },
  },
  (p, { host, port }) => {
    p.apply("Read", readSocket({ host, port }))
      .apply(
        "Words",
        flatMap((line) => line.toLowerCase().match(/[\p{L}']+/gu) ?? []),
      )
      .apply(
        "Window",
        windowInto(fixedWindows(seconds(5)), {
          trigger: afterWatermark({ early: afterProcessingTime(seconds(1)) }),
          accumulation: "accumulating",
        }),
      )
      .apply("Count", countPerElement())
      .apply(
        "Print",
        tap(([word, n], { pane }) => {
          console.log(pane.timing === "EARLY" ? `(${word} ${n})` : `${word} ${n}`);
        }),
      );
  },
);
