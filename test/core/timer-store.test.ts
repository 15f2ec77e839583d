import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, expect, test } from "vitest";
import { NEVER, type Instant } from "millrace";
import { Journal } from "../../runners/core/state/journal.ts";
import { TimerStore, type SetTimer } from "../../runners/core/state/timer-store.ts";

const domains = ["event", "processing"] as const;
type Domain = (typeof domains)[number];

/** What is in use after garbage was collected. */
function megabytesInUse(): number {
  setFlagsFromString("--expose-gc");
  (runInNewContext("gc") as () => void)();
  return process.memoryUsage().heapUsed / 1e6;
}

/** A store with timers that have names, as tests talk to it. */
class Subject {
  readonly store = new TimerStore<string>(domains);
  readonly journal = new Journal();
  readonly #timers = new Map<string, SetTimer<string>>();

  #timer(domain: Domain, name: string): SetTimer<string> {
    const id = `${domain} ${name}`;
    const timer = this.#timers.get(id) ?? this.store.timerOf(name, domains.indexOf(domain), name);
    this.#timers.set(id, timer);
    return timer;
  }

  set(
    domain: Domain,
    time: Instant,
    { name = String(time), output = time }: { readonly name?: string; readonly output?: Instant } = {},
  ): void {
    this.store.set(this.#timer(domain, name), time, output, this.journal);
  }

  clear(domain: Domain, name: string): void {
    this.store.clear(this.#timer(domain, name), this.journal);
  }

  /** Fires all timers in event time that a watermark makes due; answers their times. */
  watermark(to: Instant): readonly Instant[] {
    return this.#fireAll(() => this.store.dueEvent(to));
  }

  /** The same for processing time. */
  clock(to: Instant): readonly Instant[] {
    return this.#fireAll(() => this.store.dueProcessing(to));
  }

  #fireAll(next: () => SetTimer<string> | undefined): readonly Instant[] {
    const times: Instant[] = [];
    for (let timer = next(); timer !== undefined; timer = next()) {
      times.push(timer.time);
      this.store.fire(timer, this.journal);
    }
    return times;
  }
}

describe("timers of a partition", () => {
  test("TM-39 are due once, and one that is set again for a time that has passed is due at once", () => {
    const timers = new Subject();
    timers.set("event", 19);
    timers.set("event", 29);
    expect(timers.watermark(20)).toEqual([19]);
    expect(timers.watermark(21)).toEqual([]);
    timers.set("event", 19);
    expect(timers.watermark(21)).toEqual([19]);
    expect(timers.watermark(30)).toEqual([29]);
  });

  test("TM-40 that are set again are due at their new time only", () => {
    const timers = new Subject();
    timers.set("event", 13, { name: "id" });
    timers.set("event", 42, { name: "id" });
    expect(timers.watermark(14)).toEqual([]);
    expect(timers.watermark(43)).toEqual([42]);
    expect(timers.watermark(100)).toEqual([]);
  });

  test("TM-40 that are set again for an earlier time are due then", () => {
    const timers = new Subject();
    timers.set("event", 42, { name: "id" });
    timers.set("event", 13, { name: "id" });
    expect(timers.watermark(14)).toEqual([13]);
    expect(timers.watermark(100)).toEqual([]);
  });

  test("TM-41 may be cleared twice, and when they were never set", () => {
    const timers = new Subject();
    timers.set("event", 19);
    timers.clear("event", "19");
    timers.clear("event", "19");
    timers.clear("processing", "19");
    expect([timers.watermark(100), timers.clock(100)]).toEqual([[], []]);
    expect([timers.store.earliestEvent, timers.store.earliestProcessing, timers.store.hold]).toEqual([NEVER, NEVER, NEVER]);
  });

  test("TM-41 that are set twice for one time are due once", () => {
    const timers = new Subject();
    for (const domain of [...domains, ...domains]) timers.set(domain, 19);
    expect([timers.watermark(20), timers.clock(20)]).toEqual([[19], [19]]);
  });

  test.each(domains)("TM-41 in %s time are due in the order of their times, and by their own clock only", (domain) => {
    const timers = new Subject();
    for (const time of [29, 19]) for (const each of domains) timers.set(each, time);
    const [own, other] = domain === "event" ? (["watermark", "clock"] as const) : (["clock", "watermark"] as const);
    expect(timers[own](100)).toEqual([19, 29]);
    expect(timers[own](100)).toEqual([]);
    expect(timers[other](100)).toEqual([19, 29]);
  });

  test("in event time are due when the watermark is greater, those in processing time when the clock has reached it", () => {
    const timers = new Subject();
    for (const domain of domains) timers.set(domain, 10);
    expect([timers.watermark(10), timers.clock(9)]).toEqual([[], []]);
    expect([timers.watermark(11), timers.clock(10)]).toEqual([[10], [10]]);
  });

  test("hold the watermark where their output is", () => {
    const timers = new Subject();
    timers.set("processing", 5, { name: "late", output: 80 });
    expect(timers.store.hold).toBe(80);
    timers.set("event", 70);
    expect(timers.store.hold).toBe(70);
    timers.set("event", 90, { name: "early", output: 3 });
    expect(timers.store.hold).toBe(3);
    timers.set("event", 90, { name: "early", output: 60 });
    expect(timers.store.hold).toBe(60);
    timers.clear("event", "early");
    expect(timers.store.hold).toBe(70);
    expect([timers.clock(5), timers.watermark(71), timers.store.hold]).toEqual([[5], [70], NEVER]);
  });

  test("are as they were before when what was done is taken back", () => {
    const timers = new Subject();
    timers.set("event", 10, { name: "moved", output: 4 });
    timers.set("event", 20, { name: "cleared" });
    timers.set("processing", 30, { name: "fired", output: 6 });
    timers.journal.forget();
    timers.set("event", 50, { name: "moved" });
    timers.set("event", 5, { name: "moved" });
    timers.clear("event", "cleared");
    timers.set("event", 1, { name: "new" });
    expect([timers.watermark(100), timers.clock(30)]).toEqual([[1, 5], [30]]);
    expect(timers.store.hold).toBe(NEVER);
    timers.journal.rollBackTo(0);
    expect([timers.store.hold, timers.store.earliestEvent, timers.store.earliestProcessing]).toEqual([4, 10, 30]);
    expect([timers.watermark(100), timers.clock(100)]).toEqual([[10, 20], [30]]);
  });

  test("that are set again and again leave nothing behind that grows", () => {
    const timers = new Subject();
    const rounds = 1_000_000;
    const before = megabytesInUse();
    for (let i = 0; i < rounds; i++) {
      timers.set("event", i, { name: "id", output: i - 1 });
      timers.journal.forget();
    }
    expect(megabytesInUse() - before).toBeLessThan(20);
    expect([timers.store.earliestEvent, timers.store.hold]).toEqual([rounds - 1, rounds - 2]);
    expect(timers.watermark(rounds)).toEqual([rounds - 1]);
  });
});
