import { notTaken, right, type Coder } from "../../../sdk/coders/coder.ts";
import { stringCoder } from "../../../sdk/coders/string.ts";
import { kv, type KV } from "../../../sdk/pipeline.ts";
import { create } from "../../../sdk/transforms/create.ts";
import { map } from "../../../sdk/transforms/map.ts";
import { reshuffle } from "../../../sdk/transforms/reshuffle.ts";
import { caseModule } from "../case-module.ts";
import { refusingCoder, withTime } from "./support.ts";

/** What the structural coder refuses, since it would lose its method. */
class Item {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  shout(): string {
    return `${this.text}!`;
  }
}

class LoudItem extends Item {
  override shout(): string {
    return super.shout().toUpperCase();
  }
}

/** Keeps apart what has another class. */
const itemCoder: Coder<Item> = {
  name: "item",
  encode(item) {
    if (!(item instanceof Item)) throw notTaken("itemCoder", "items", item);
    return new TextEncoder().encode((item instanceof LoudItem ? "L" : "-") + item.text);
  },
  decode(bytes) {
    const text = new TextDecoder().decode(bytes);
    return right(text.startsWith("L") ? new LoudItem(text.slice(1)) : new Item(text.slice(1)));
  },
};

/** Everything that consists of plain data. */
const plainValues = (): readonly unknown[] => [
  undefined,
  null,
  true,
  "",
  "ünïcode \u{1f600}",
  0,
  -0,
  NaN,
  Infinity,
  2 ** 31,
  2 ** 40,
  Number.MAX_SAFE_INTEGER,
  5e-324,
  2n ** 70n,
  [],
  [undefined, [null]],
  {},
  { a: 1, b: { c: [2] } },
  JSON.parse('{"__proto__": 1, "constructor": 2}'),
  new Date(-1),
  new Map([["k", new Set([1])]]),
  new Uint8Array([0, 255]),
  new Float64Array([0.1, -0]),
];

/** Collections of given elements: section CRE of the catalogue. */
export const createCases = caseModule(import.meta.url, {
  "CRE-01": {
    title: "no elements are fine, with and without a coder",
    build: (p) => ({
      without: p.apply("Without", create<string>([])),
      with: p.apply("With", create<string>([], { coder: stringCoder })),
      refusing: p.apply("Refusing", create<string>([], { coder: refusingCoder() })),
    }),
    expected: { without: [], with: [], refusing: [] },
  },
  "CRE-01/refused": {
    title: "elements that the coder does not take fail the run, with a way to go on",
    build: (p) => p.apply(create(["a"], { coder: refusingCoder() })),
    fails: /^NOT_ENCODABLE[^]*withCoder/,
  },
  "CRE-02": {
    title: "null and undefined are elements like others",
    build: (p) => ({
      texts: p.apply("Texts", create([null, "test1", null, "test2", null])),
      nothing: p.apply("Nothing", create([null, null])),
      undefinedOnly: p.apply("Undefined", create([undefined, undefined])),
      pairs: p.apply("Pairs", create<KV<null, null>>([kv(null, null), kv(null, null)])),
    }),
    expected: {
      texts: [null, "test1", null, "test2", null],
      nothing: [null, null],
      undefinedOnly: [undefined, undefined],
      pairs: [
        [null, null],
        [null, null],
      ],
    },
  },
  "CRE-03": {
    title: "elements may have times",
    build(p) {
      const times: Readonly<Record<string, number>> = { a: 1, b: 2, c: 3 };
      const timestampOf = (letter: string): number => times[letter]!;
      return {
        timed: p.apply("Timed", create(["a", "b", "c"], { timestampOf })).apply("Times", withTime()),
        empty: p.apply("Empty", create<string>([], { coder: stringCoder, timestampOf })).apply("NoTimes", withTime()),
      };
    },
    expected: {
      timed: [
        [1, "a"],
        [2, "b"],
        [3, "c"],
      ],
      empty: [],
    },
  },
  "CRE-04": {
    title: "instances of a class and of its subclass have a coder, or fail the run",
    build: (p) => p.apply(create([new Item("a"), new LoudItem("b")])).apply(reshuffle()),
    fails: /^NOT_ENCODABLE[^]*withCoder/,
  },
  "CRE-04/coder": {
    title: "with a coder instances of a class and of its subclass are elements like others",
    build: (p) =>
      p.apply(create<Item>([new Item("a"), new LoudItem("b")], { coder: itemCoder })).pipe(
        reshuffle(),
        map((item) => item.shout()),
      ),
    expected: ["a!", "B!"],
  },
  "CRE-05": {
    title: "elements need nothing but a coder",
    build(p) {
      const items = p.apply(
        create(
          ["foo", "bar", "baz"].map((text) => new Item(text)),
          { coder: itemCoder },
        ),
      );
      return {
        items: items.apply(reshuffle()),
        texts: items.apply(map(({ text }) => text)),
      };
    },
    expected: { items: ["foo", "bar", "baz"].map((text) => ({ text })), texts: ["foo", "bar", "baz"] },
    check({ items = [] }) {
      if (!items.every((item) => item instanceof Item)) throw new Error("the items have lost their class");
    },
  },
  "CRE-08+": {
    title: "plain data is the same behind a shuffle as before it",
    build: (p) => p.apply(create(plainValues())).apply(reshuffle()),
    expected: plainValues(),
  },
});
