import {
  resume,
  unboundedSource,
  type Chunk,
  type OffsetRange,
  type PCollection,
  type Pipeline,
  type PTransform,
  type UnboundedSource,
} from "millrace";

/** An element with its event time. */
export interface Fed {
  readonly value: string;
  readonly timestamp: number;
}

interface FeedRange extends OffsetRange {
  readonly part: number;
}

/** A source of some parts that give out what a test puts into them. */
export class Feed {
  readonly #parts: { readonly waiting: Fed[]; isOver: boolean; wake: () => void }[];
  /** How many times each part was looked at. */
  readonly looks: number[];
  /** Where the elements of commits are told. */
  readonly committed: string[] = [];

  constructor(parts = 1) {
    this.#parts = Array.from({ length: parts }, () => ({ waiting: [], isOver: false, wake: () => {} }));
    this.looks = this.#parts.map(() => 0);
  }

  /** Puts elements into a part, and tells whoever waits for it unless it is to be found by chance. */
  put(part: number, elements: readonly Fed[], { isTold = true } = {}): void {
    this.#parts[part]!.waiting.push(...elements);
    if (isTold) this.#parts[part]!.wake();
  }

  /** Nothing more comes in a part. */
  end(part: number): void {
    this.#parts[part]!.isOver = true;
    this.#parts[part]!.wake();
  }

  /** How many parts somebody listens to. */
  get listeners(): number {
    return this.#parts.filter(({ wake }) => wake !== silent).length;
  }

  source(
    settings: Pick<UnboundedSource<string, FeedRange>, "watermark" | "idleTimeout" | "backlog">,
    { after = 1_000 } = {},
  ): PTransform<Pipeline, PCollection<string>> {
    const { committed, looks } = this;
    const parts = this.#parts;
    for (const part of parts) part.wake = silent;
    return unboundedSource<string, FeedRange>({
      name: "Feed",
      ...settings,
      restriction: () => ({ from: 0, to: Infinity, part: 0 }),
      split: (whole) => parts.map((_, part) => ({ ...whole, part })),
      async *read({ from, part }, tracker) {
        const own = parts[part]!;
        for (let position = from; ;) {
          looks[part]!++;
          const elements = own.waiting.splice(0);
          if (elements.length > 0) {
            const claimed = tracker.claimRange!(position, position + elements.length);
            position += claimed;
            own.waiting.unshift(...elements.slice(claimed));
            const taken = elements.slice(0, claimed);
            const chunk: Chunk<string> = {
              values: taken.map(({ value }) => value),
              timestamps: taken.map(({ timestamp }) => timestamp),
              onCommit: () => void committed.push(...taken.map(({ value }) => value)),
            };
            yield chunk;
            if (claimed < elements.length) return;
          } else if (own.isOver) {
            tracker.tryClaim(Infinity);
            return;
          } else {
            const wake = (notify: () => void): (() => void) => {
              own.wake = notify;
              return () => {
                own.wake = silent;
              };
            };
            yield resume({ after, wake });
          }
        }
      },
    });
  }
}

const silent = (): void => {};
