import { deduplicate, groupIntoBatches, minutes, seconds, wait, type BatchOptions, type KV, type PCollection } from "millrace";
import { items, keyed, limit, p, rates, words, type Item } from "./inputs.ts";
import { is } from "./is.ts";

// Batches.
is<PCollection<KV<string, readonly Item[]>>>()(keyed.apply(groupIntoBatches({ size: 10 })));
is<PCollection<KV<string, readonly Item[]>>>()(
  keyed.apply("B", groupIntoBatches({ byteSize: 1_000, byteSizeOf: (item) => item.user.length, maxBufferingDuration: seconds(1) })),
);
is<PCollection<KV<string, readonly number[]>>>()(rates.apply(groupIntoBatches({ maxBufferingDuration: seconds(1) })));
{
  const options: BatchOptions<Item> = { size: 3 };
  is<PCollection<KV<string, readonly Item[]>>>()(keyed.apply(groupIntoBatches(options)));
}
// @ts-expect-error no limit
keyed.apply(groupIntoBatches({}));
// @ts-expect-error no limit, but something that would be counted
keyed.apply(groupIntoBatches({ byteSizeOf: () => 1 }));
// @ts-expect-error no such field
keyed.apply(groupIntoBatches({ byteSize: 10, byteSizeOf: (item) => item.size }));
// @ts-expect-error no keys
words.apply(groupIntoBatches({ size: 10 }));

// Duplicates.
is<PCollection<string>>()(words.apply(deduplicate({ within: minutes(1) })));
is<PCollection<Item>>()(items.apply(deduplicate({ key: (item) => item.user, within: minutes(1), time: "event" })));
is<PCollection<KV<string, Item>>>()(keyed.apply(deduplicate({ key: ([key]) => key, within: minutes(1), time: "processing" })));
// @ts-expect-error how long has to be said
words.apply(deduplicate({}));
// @ts-expect-error no such time
words.apply(deduplicate({ within: minutes(1), time: "wall" }));
// @ts-expect-error no such field
items.apply(deduplicate({ key: (item) => item.id, within: minutes(1) }));

// Waiting.
is<PCollection<string>>()(words.apply(wait(items)));
is<PCollection<Item>>()(items.apply("W", wait(words, limit, keyed)));
// @ts-expect-error nothing to wait for
words.apply(wait());
// @ts-expect-error no collection
words.apply(wait(3));
// @ts-expect-error a pipeline does not wait
p.apply(wait(words));
