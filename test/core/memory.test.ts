import { DEFAULT_SETTINGS } from "../../sdk/windowing.ts";
import { describe, expect, test } from "vitest";
import {
  count,
  defaultTrigger,
  fixedWindows,
  globalWindow,
  globalWindows,
  MIN_INSTANT,
  NO_FIRING,
  structuralCoder,
  type AnyCombineFn,
} from "millrace";
import { ExchangeSlot } from "../../runners/core/exchange-slot.ts";
import { SinglePaneGrouping } from "../../runners/core/groupings/single-pane-grouping.ts";
import { KeyDictionary } from "../../runners/core/key-dictionary.ts";
import { batchWith, element } from "../support/batches.ts";

describe("the memory of a grouping", () => {
  const megabytes = (): number => (process.memoryUsage().heapUsed + process.memoryUsage().arrayBuffers) / 1e6;

  test("grows with what it holds, and not with windows times keys", () => {
    const tens = fixedWindows(10);
    const keys = new KeyDictionary();
    for (let key = 0; key < 10_000; key++) keys.idOf(key);
    const windowing = { windowFn: tens, trigger: defaultTrigger(), ...DEFAULT_SETTINGS };
    const grouping = new SinglePaneGrouping({ path: "Group", fn: count() as AnyCombineFn, windowing, emitsDefault: false }, keys, true);
    const before = megabytes();
    for (let i = 0; i < 1_000; i++) {
      const windows = tens.assign({ value: i, timestamp: i * 10, windows: [] });
      grouping.add(batchWith([element(i, i * 10, windows)], { keys: { ids: Int32Array.of(i * 10), distinct: undefined } }), MIN_INSTANT);
    }
    expect(grouping.hold).toBe(9);
    expect(megabytes() - before, "for a thousand counts").toBeLessThan(25);
  });

  test("that combines before it sends grows with what it sends, and not with lists of windows times keys", () => {
    let peak = 0;
    const before = megabytes();
    const measuring: AnyCombineFn = {
      ...(count() as AnyCombineFn),
      add(total: number, n: number) {
        if (n % 250 === 0) peak = Math.max(peak, megabytes() - before);
        return total + 1;
      },
    };
    const windowing = { windowFn: globalWindows(), trigger: defaultTrigger(), ...DEFAULT_SETTINGS };
    const lift = { fn: measuring, windowing, path: "Count", generatesCode: true };
    const slot = new ExchangeSlot({ to: { target: 0, collection: 0 }, partitions: 2, keyCoder: structuralCoder, capacity: 1_024, lift });
    // A window function is free to make a new list for each element.
    for (let i = 0; i < 4_000; i++) slot.put([i, i], 0, [globalWindow], NO_FIRING);
    expect(slot.takeBatches().reduce((sum, { size }) => sum + size, 0)).toBe(4_000);
    expect(peak).toBeLessThan(25);
  });
});
