import type { Coder, KV, PCollection, Pipeline, Runner } from "millrace";

/** What the statements about types start from. They are compiled and never run, so that nothing has to be there. */
export interface Item {
  readonly user: string;
  readonly amount: number;
  readonly at: number;
}
export declare const p: Pipeline;
export declare const words: PCollection<string>;
export declare const items: PCollection<Item>;
export declare const keyed: PCollection<KV<string, Item>>;
export declare const rates: PCollection<KV<string, number>>;
export declare const limit: PCollection<number>;
export declare const byNumber: PCollection<KV<number, boolean>>;
export declare const itemCoder: Coder<Item>;
export declare const runner: Runner;
