/** Windows of a key while they are merged: each different one has one place. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { intervalWindow, type IntervalWindow, type Window } from "millrace";
import { Places } from "../../runners/core/groupings/window-merger.ts";

const identityOf = (window: Window): string => `${(window as IntervalWindow).start} ${(window as IntervalWindow).end}`;

/** Few ends, so that windows with the same one differ in their beginnings; and so many windows that they are looked up otherwise. */
const windows = fc.array(
  fc.tuple(fc.nat(4), fc.integer({ min: 5, max: 40 })).map(([start, end]) => intervalWindow(start, end)),
  { maxLength: 150, size: "max" },
);

test("equal windows have one place, however many there are, and are found in any order", () => {
  fc.assert(
    fc.property(windows, fc.array(fc.nat(149)), (given, asked) => {
      const places = new Places<undefined>(identityOf);
      const numberOf = new Map<string, number>();
      for (const window of given) {
        const identity = identityOf(window);
        if (!numberOf.has(identity)) numberOf.set(identity, numberOf.size);
        expect(places.of(window).number).toBe(numberOf.get(identity));
      }
      expect(places.all.map(({ window }) => identityOf(window))).toEqual([...numberOf.keys()]);
      for (const n of asked.filter((each) => each < given.length)) {
        const window = given[n]!;
        for (const equal of [window, { ...window }]) expect(places.find(equal)?.number).toBe(numberOf.get(identityOf(window)));
      }
      expect(places.find(intervalWindow(-1, 40))).toBeUndefined();
    }),
  );
});
