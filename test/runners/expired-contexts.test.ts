import { describe, expect, test } from "vitest";
import {
  bagState,
  combiningState,
  create,
  eventTimer,
  eventTimerFamily,
  kv,
  map,
  mapState,
  multimapState,
  orderedListState,
  output,
  parDo,
  reshuffle,
  setState,
  sum,
  valueState,
  type BagCell,
  type CombiningCell,
  type KV,
  type MapCell,
  type MultimapCell,
  type OrderedListCell,
  type SetCell,
  type Timer,
  type TimerFamily,
  type ValueCell,
} from "millrace";
import { localRunners } from "../support/runs.ts";

interface Cells {
  readonly value: ValueCell<number>;
  readonly bag: BagCell<number>;
  readonly combining: CombiningCell<number, number>;
  readonly set: SetCell<number>;
  readonly map: MapCell<string, number>;
  readonly multimap: MultimapCell<string, number>;
  readonly list: OrderedListCell<number>;
}

interface Timers {
  readonly one: Timer;
  readonly family: TimerFamily;
}

/** All that can be done with what a call has got: with the states and timers themselves, and with what is gone through later. */
function usesOf({ state, timers }: { readonly state: Cells; readonly timers: Timers }): Readonly<Record<string, () => unknown>> {
  const { value, bag, combining, set, map: byKey, multimap, list } = state;
  const { one, family } = timers;
  const [entries, groups, group] = [byKey.entries(), multimap.entries(), multimap.get("a")];
  return {
    "value.read": () => value.read(),
    "value.write": () => value.write(1),
    "value.clear": () => value.clear(),
    "bag.read": () => bag.read(),
    "bag.add": () => bag.add(1),
    "bag.clear": () => bag.clear(),
    "bag.isEmpty": () => bag.isEmpty(),
    "combining.read": () => combining.read(),
    "combining.add": () => combining.add(1),
    "combining.clear": () => combining.clear(),
    "set.read": () => set.read(),
    "set.has": () => set.has(1),
    "set.add": () => set.add(1),
    "set.delete": () => set.delete(1),
    "set.clear": () => set.clear(),
    "set.isEmpty": () => set.isEmpty(),
    "map.get": () => byKey.get("a"),
    "map.has": () => byKey.has("a"),
    "map.set": () => byKey.set("a", 1),
    "map.delete": () => byKey.delete("a"),
    "map.entries": () => byKey.entries(),
    "the entries of a map": () => [...entries],
    "map.clear": () => byKey.clear(),
    "map.isEmpty": () => byKey.isEmpty(),
    "multimap.get": () => multimap.get("a"),
    "the values of a key": () => [...group],
    "multimap.has": () => multimap.has("a"),
    "multimap.add": () => multimap.add("a", 1),
    "multimap.delete": () => multimap.delete("a"),
    "multimap.entries": () => multimap.entries(),
    "the entries of a multimap": () => [...groups],
    "multimap.clear": () => multimap.clear(),
    "multimap.isEmpty": () => multimap.isEmpty(),
    "list.read": () => list.read(),
    "list.add": () => list.add(1, 1),
    "list.clear": () => list.clear(),
    "list.isEmpty": () => list.isEmpty(),
    "one.set": () => one.set(9),
    "one.setRelative": () => one.setRelative({ offset: 1 }),
    "one.clear": () => one.clear(),
    "family.set": () => family.set("a", 9),
    "family.setRelative": () => family.setRelative("a", { offset: 1 }),
    "family.clear": () => family.clear("a"),
  };
}

/** A step that gives each element out, and shows its context before and afterwards. */
const remembering = (see: (ctx: { readonly state: Cells; readonly timers: Timers }) => void, afterwards = see) =>
  parDo({
    state: {
      value: valueState<number>(),
      bag: bagState<number>(),
      combining: combiningState(sum()),
      set: setState<number>(),
      map: mapState<string, number>(),
      multimap: multimapState<string, number>(),
      list: orderedListState<number>(),
    },
    timers: { one: eventTimer(), family: eventTimerFamily() },
    output: output<KV<string, number>>(),
    process(element: KV<string, number>, ctx) {
      see(ctx);
      ctx.output(element);
      afterwards(ctx);
    },
    onTimer: { one() {}, family() {} },
  });

/** What each use throws: its code and step, or that it throws nothing. */
const thrownBy = (uses: Readonly<Record<string, () => unknown>>): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(uses).map(([name, use]) => {
      try {
        use();
        return [name, "nothing"];
      } catch (error) {
        return [name, /^\w+(?=:)|(?<= at )"[^"]*"/g[Symbol.match]((error as Error).message)!.join(" at ")];
      }
    }),
  );

describe.each(localRunners)("states and timers belong to the call that got them, on %s", (_, make) => {
  test.each([
    ["in the step behind, which the call waits for", () => map((element: KV<string, number>) => element)],
    ["in a step of another stage", () => reshuffle<KV<string, number>>()],
  ])("%s", async (_where, between) => {
    let kept: Readonly<Record<string, () => unknown>> = {};
    let thrown: Readonly<Record<string, string>> = {};
    await make().run(
      (p) =>
        void p
          .apply(create([kv("a", 1)]))
          .apply(
            "Remember",
            remembering(
              (ctx) => (kept = usesOf(ctx)),
              () => {},
            ),
          )
          .apply(between())
          .apply(map(() => (thrown = thrownBy(kept)))),
    );
    expect(Object.keys(thrown)).toHaveLength(43);
    expect(new Set(Object.values(thrown))).toEqual(new Set(['CONTEXT_EXPIRED at "Remember"']));
  });

  test("in the call for another key, and after the run", async () => {
    const kept: Readonly<Record<string, () => unknown>>[] = [];
    let thrown: Readonly<Record<string, string>> = {};
    const see = (ctx: { readonly state: Cells; readonly timers: Timers }): void => {
      if (kept.length > 0) thrown = thrownBy(kept[0]!);
      kept.push(usesOf(ctx));
    };
    await make().run(
      (p) =>
        void p.apply(create([kv("a", 1), kv("b", 1)])).apply(
          "Remember",
          remembering(see, () => {}),
        ),
    );
    for (const all of [thrown, thrownBy(kept[1]!)]) {
      expect(Object.keys(all)).toHaveLength(43);
      expect(new Set(Object.values(all))).toEqual(new Set(['CONTEXT_EXPIRED at "Remember"']));
    }
  });

  test("and are there again when what the call gave out has been taken", async () => {
    let thrown: Readonly<Record<string, string>> = {};
    await make().run(
      (p) =>
        void p.apply(create([kv("a", 1)])).apply(
          "Remember",
          remembering(
            () => {},
            (ctx) => (thrown = thrownBy(usesOf(ctx))),
          ),
        ),
    );
    expect(new Set(Object.values(thrown))).toEqual(new Set(["nothing"]));
  });
});
