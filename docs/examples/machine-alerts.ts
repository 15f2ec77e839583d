import { join } from "node:path";
import {
  definePipeline,
  eventTimer,
  keyBy,
  minutes,
  NEVER,
  output,
  parDo,
  ptransform,
  valueState,
  type Duration,
  type Instant,
  type PCollection,
} from "millrace";
import { readJsonLines, writeJsonLines } from "millrace/io/json-lines";

const data = join(import.meta.dirname, "data");

/** What a machine sends now and then. */
export interface Heartbeat {
  readonly machine: string;
  /** When, such as `2024-05-01T08:00:00Z`. */
  readonly at: string;
  readonly celsius: number;
}

/** Something that somebody should know of a machine. */
export interface Alert {
  readonly machine: string;
  readonly what: "silent" | "back" | "hot";
  readonly at: string;
}

/** What is watched for. */
export interface Limits {
  /** How long a machine may say nothing, in ms. */
  readonly silence: Duration;
  /** How often in a row it may be warmer than before. */
  readonly rises: number;
}

/**
 * Alerts of each machine: it has been silent for too long, it is back, or it has become warmer too often in a row.
 *
 * Shape: `PCollection<Heartbeat>`, each at its time → alerts, each at the time at which its reason was there.
 */
export const machineAlerts = ({ silence, rises }: Limits) =>
  ptransform("MachineAlerts", (heartbeats: PCollection<Heartbeat>) =>
    heartbeats
      .apply(
        "ByMachine",
        keyBy(({ machine }) => machine),
      )
      .apply(
        "Watch",
        parDo({
          // What comes later in a file may have been before: here it comes in the order of time.
          requiresTimeSortedInput: true,
          // A factory has so many machines and no more.
          timeToLive: NEVER,
          state: { isSilent: valueState<boolean>(), celsius: valueState<number>(), rises: valueState<number>() },
          timers: { silence: eventTimer() },
          output: output<Alert>(),
          process([machine, { celsius }], { state, timers, timestamp, output: alert }) {
            // Set again with each heartbeat, so it is due when there was none for so long.
            timers.silence.setRelative({ offset: silence });
            if (state.isSilent.read() === true) {
              state.isSilent.clear();
              alert({ machine, what: "back", at: textOf(timestamp) });
            }
            const isWarmer = celsius > (state.celsius.read() ?? celsius);
            const risen = isWarmer ? (state.rises.read() ?? 0) + 1 : 0;
            if (risen === rises) alert({ machine, what: "hot", at: textOf(timestamp) });
            state.celsius.write(celsius);
            state.rises.write(risen);
          },
          onTimer: {
            silence({ key: machine, state, timestamp, output: alert }) {
              state.isSilent.write(true);
              alert({ machine, what: "silent", at: textOf(timestamp) });
            },
          },
        }),
      ),
  );

const textOf = (time: Instant): string => new Date(time).toISOString();

/**
 * Writes the alerts of the machines of a factory. Try it with the file beside it:
 * `npx millrace run docs/examples/machine-alerts.ts -- --output alerts.jsonl --silence 10m`
 */
export default definePipeline(
  import.meta.url,
  {
    options: {
      input: { type: "string", default: join(data, "heartbeats.jsonl"), help: "files with a heartbeat as JSON in each line" },
      output: { type: "string", required: true, help: "the file to write, an alert as JSON in each line" },
      silence: { type: "duration", default: minutes(5), help: "how long a machine may be silent" },
      rises: { type: "number", default: 3, help: "how often in a row a machine may be warmer than before" },
    },
  },
  (p, { input, output: path, silence, rises }) => {
    p.apply("Read", readJsonLines<Heartbeat>(input, { timestampOf: ({ at }) => Date.parse(at) }))
      .apply(machineAlerts({ silence, rises }))
      .apply("Write", writeJsonLines(path));
  },
);
