import { combinePerKey, count, generate, keyBy, map, sessions, windowInto } from "millrace";
import { directRunner } from "millrace/runners/direct";
import { compare } from "./compare.ts";

const COUNT = 2_000_000;
const KEYS = 100_000;
const GAP = 30_000;

const keyOf = (i: number): number => (i * 7919) % KEYS;
/** Times that go forward on the whole and back a little, so that sessions of a key are bridged. */
const timeOf = (i: number): number => Math.floor(i / 10) + ((i * 31) % 1_000);

interface Session {
  start: number;
  end: number;
  events: number;
}

/** Counts events per key and session, 2 M events of 100 k keys, against a merge of intervals by hand. */
export const sessionsCount = (): Promise<unknown> =>
  compare(`count per key and session, ${COUNT / 1e6} M events, ${KEYS} keys`, {
    plain() {
      const byKey = new Map<number, Session[]>();
      for (let i = 0; i < COUNT; i++) {
        const key = keyOf(i);
        const start = timeOf(i);
        let own = byKey.get(key);
        if (own === undefined) byKey.set(key, (own = []));
        add(own, start, start + GAP);
      }
      let found = 0;
      let events = 0;
      for (const own of byKey.values()) {
        for (const session of own) {
          found += 1;
          events += session.events;
        }
      }
      return [found, events];
    },
    async ours() {
      let found = 0;
      let events = 0;
      await directRunner().run((p) => {
        p.apply(generate({ count: COUNT, timestampOf: timeOf })).pipe(
          windowInto(sessions(GAP)),
          keyBy(keyOf),
          combinePerKey(count()),
          map(([, n]) => {
            found += 1;
            events += n;
            return n;
          }),
        );
      });
      return [found, events];
    },
  });

/** Joins an interval to the sessions of a key that it overlaps. */
function add(own: Session[], start: number, end: number): void {
  let joined: Session | undefined;
  for (let i = own.length - 1; i >= 0; i--) {
    const each = own[i]!;
    if (each.start >= end || each.end <= start) continue;
    if (joined === undefined) {
      each.start = Math.min(each.start, start);
      each.end = Math.max(each.end, end);
      each.events += 1;
      joined = each;
    } else {
      joined.start = Math.min(joined.start, each.start);
      joined.end = Math.max(joined.end, each.end);
      joined.events += each.events;
      own.splice(i, 1);
      i = own.length; // what has grown may overlap those that were passed over
    }
    start = joined.start;
    end = joined.end;
  }
  if (joined === undefined) own.push({ start, end, events: 1 });
}
