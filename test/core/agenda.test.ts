import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { MAX_INSTANT, NEVER, type Instant } from "millrace";
import { Agenda } from "../../runners/core/agenda.ts";

/** Something that is due at a time. */
interface Item {
  readonly name: string;
  due: Instant;
  at: Instant;
}

/** An agenda, and how often it asked when something is due. */
function made(): { readonly agenda: Agenda<Item>; readonly asked: () => number } {
  let asked = 0;
  const agenda = new Agenda<Item>({
    timeOf: ({ due }) => (asked++, due),
    standsAt: ({ at }) => at,
    standAt: (item, time) => (item.at = time),
  });
  return { agenda, asked: () => asked };
}

const item = (name: string, due: Instant): Item => ({ name, due, at: NEVER });

/** Notes items that are due at these times, each named after its time. */
function noted(agenda: Agenda<Item>, ...times: readonly Instant[]): readonly Item[] {
  const items = times.map((time) => item(`at ${time}`, time));
  for (const each of items) agenda.note(each);
  return items;
}

/** The names of all that is taken before a time. */
function taken(agenda: Agenda<Item>, limit: Instant): readonly string[] {
  const names: string[] = [];
  for (let next = agenda.takeBefore(limit); next !== undefined; next = agenda.takeBefore(limit)) names.push(next.name);
  return names;
}

describe("an agenda", () => {
  test("that is empty is never due", () => {
    const { agenda } = made();
    expect([agenda.earliest, agenda.takeBefore(MAX_INSTANT)]).toEqual([NEVER, undefined]);
  });

  test("gives what is due before a time, the earliest first, and not what is due at it", () => {
    const { agenda } = made();
    noted(agenda, 10_000, 1_000, -5, 5_000);
    expect(agenda.earliest).toBe(-5);
    expect(taken(agenda, 5_000)).toEqual(["at -5", "at 1000"]);
    expect(agenda.earliest).toBe(5_000);
    expect(taken(agenda, 5_001)).toEqual(["at 5000"]);
    expect(taken(agenda, MAX_INSTANT)).toEqual(["at 10000"]);
    expect(agenda.earliest).toBe(NEVER);
  });

  test("that is swept lets go of what is not due any more, and gives the rest as before", () => {
    const { agenda, asked } = made();
    const items = noted(agenda, 4, 2, 9, 2, 7);
    expect(taken(agenda, 3)).toEqual(["at 2", "at 2"]);
    items[2]!.due = NEVER;
    items[4]!.due = 8;
    agenda.sweep();
    const before = asked();
    expect(agenda.earliest).toBe(4);
    expect(taken(agenda, MAX_INSTANT)).toEqual(["at 4", "at 7"]);
    expect(asked() - before, "only those that are left").toBeLessThan(8);
    expect(items.map(({ at }) => at)).toEqual([NEVER, NEVER, NEVER, NEVER, NEVER]);
  });

  test("gives what is due at one time in the order in which it was noted", () => {
    const { agenda } = made();
    for (const name of ["a", "b", "c"]) agenda.note(item(name, 7));
    expect(taken(agenda, 8)).toEqual(["a", "b", "c"]);
  });

  test("takes an item that was given once more", () => {
    const { agenda } = made();
    const [only] = noted(agenda, 5);
    expect(agenda.takeBefore(6)).toBe(only);
    agenda.note(only!);
    expect(agenda.earliest).toBe(5);
    expect(taken(agenda, 6)).toEqual(["at 5"]);
  });

  test("has an item once, however often it is noted", () => {
    const { agenda } = made();
    const [only] = noted(agenda, 5);
    agenda.note(only!);
    agenda.note(only!);
    expect(taken(agenda, 6)).toEqual(["at 5"]);
  });

  test("has an item that comes to be due earlier at the earlier time only", () => {
    const { agenda } = made();
    const [late] = noted(agenda, 50);
    late!.due = 20;
    agenda.note(late!);
    expect(agenda.earliest).toBe(20);
    expect(taken(agenda, 100)).toEqual(["at 50"]);
    expect(agenda.earliest).toBe(NEVER);
  });

  test("does not give an item that comes to be due later before its time, without being told", () => {
    const { agenda } = made();
    const [first] = noted(agenda, 10, 20);
    first!.due = 30;
    expect(agenda.earliest).toBe(20);
    expect(taken(agenda, 30)).toEqual(["at 20"]);
    expect(taken(agenda, 31)).toEqual(["at 10"]);
  });

  test("forgets an item that is not due any more", () => {
    const { agenda } = made();
    const [gone] = noted(agenda, 10);
    gone!.due = NEVER;
    expect([agenda.earliest, gone!.at]).toEqual([NEVER, NEVER]);
    gone!.due = 40;
    agenda.note(gone!);
    expect(agenda.earliest).toBe(40);
  });

  test("moves an item on once when it is due later and later", () => {
    const { agenda, asked } = made();
    const [growing] = noted(agenda, 10);
    const before = asked();
    for (let due = 11; due < 1_000; due++) {
      growing!.due = due;
      expect(agenda.takeBefore(10)).toBeUndefined();
    }
    expect(asked() - before, "nobody asks before the time that it stands at").toBeLessThan(5);
    expect(agenda.takeBefore(500)).toBeUndefined();
    expect(asked() - before).toBeLessThan(10);
    expect(taken(agenda, 1_000)).toEqual(["at 10"]);
  });
});

/** What happens to items: one is due at another time, which is noted if that is earlier; or what is due is taken. */
const script = fc.array(
  fc.oneof(
    { weight: 3, arbitrary: fc.record({ which: fc.nat(5), due: fc.oneof(fc.integer({ min: -20, max: 60 }), fc.constant(NEVER)) }) },
    { weight: 1, arbitrary: fc.record({ limit: fc.integer({ min: -25, max: 65 }), most: fc.integer({ min: 1, max: 4 }) }) },
    { weight: 1, arbitrary: fc.constant("look" as const) },
  ),
  { maxLength: 60 },
);

/** What an agenda says, and what the list beside it does. */
type Answers = readonly [agenda: unknown, list: unknown];

/** An agenda beside a list that is searched each time. */
class Both {
  readonly #agenda = made().agenda;
  readonly #items = Array.from({ length: 6 }, (_, i) => item(`item ${i}`, NEVER));
  readonly #waiting = new Set<Item>();

  get earliest(): Answers {
    return [this.#agenda.earliest, Math.min(NEVER, ...Array.from(this.#waiting, ({ due }) => due))];
  }

  /** An item is due at another time; the agenda is told only of an earlier one. */
  change(which: number, due: Instant): void {
    const changed = this.#items[which]!;
    const isEarlier = !this.#waiting.has(changed) || due < changed.due;
    changed.due = due;
    if (isEarlier) this.#agenda.note(changed);
    if (due === NEVER) this.#waiting.delete(changed);
    else this.#waiting.add(changed);
  }

  /** The times of the items that are taken, and those of the list; one that was not waiting has none. */
  take(limit: Instant, most: number): Answers {
    const due = Array.from(this.#waiting, (each) => each.due);
    const list = due.filter((time) => time < limit).toSorted((a, b) => a - b);
    const agenda: unknown[] = [];
    for (let next; agenda.length < most && (next = this.#agenda.takeBefore(limit)) !== undefined;)
      agenda.push(this.#waiting.delete(next) ? next.due : "not waiting");
    return [agenda, list.slice(0, most)];
  }
}

test("an agenda gives the same as a list that is searched each time", () => {
  fc.assert(
    fc.property(script, (events) => {
      const both = new Both();
      const found = events.flatMap((event): readonly Answers[] => {
        if (event === "look") return [both.earliest];
        if ("limit" in event) return [both.take(event.limit, event.most)];
        both.change(event.which, event.due);
        return [];
      });
      found.push(both.take(NEVER, Infinity), both.earliest);
      expect(found.map(([agenda]) => agenda)).toEqual(found.map(([, list]) => list));
    }),
    { numRuns: 500 },
  );
});
