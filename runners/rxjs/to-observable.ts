import { Subject, type Observable } from "rxjs";
import { builderOf } from "../../sdk/graph-builder.ts";
import type { PCollection, PTransform } from "../../sdk/pipeline.ts";
import { expansionOf } from "../../sdk/transform.ts";

/**
 * Hands the elements of a collection to RxJS.
 *
 * Shape: `PCollection<T>` → `Observable<T>`. It is cold until the run starts, then hot: it emits after each commit, does not
 * repeat what was emitted before a subscription, completes when the run is done or cancelled, and errors when it fails.
 *
 * @throws PipelineError `NOT_SUPPORTED` from a run on another runner than `rxjsRunner()`.
 *
 * @example
 * ```ts
 * let lengths!: Observable<number>;
 * const running = rxjsRunner().start((p) => {
 *   lengths = p.apply(create(["a", "bc"])).apply(map((w) => w.length)).apply(toObservable());
 * });
 * lengths.subscribe((n) => console.log(n)); // 1, 2
 * await running.done;
 * ```
 */
export const toObservable = <T>(): PTransform<PCollection<T>, Observable<T>> =>
  expansionOf({
    name: "ToObservable",
    spec: undefined,
    expand(input: PCollection<T>) {
      const builder = builderOf(input);
      const collection = builder.collectionOf(input);
      const elements = new Subject<T>();
      const observer = {
        next: (values: readonly unknown[]) => {
          for (const value of values) elements.next(value as T);
        },
        end: (failure?: { readonly error: unknown }) => (failure === undefined ? elements.complete() : elements.error(failure.error)),
      };
      builder.add({ kind: "collect", observer, onlyOn: "rxjs" }, [collection.id], collection, {});
      return elements.asObservable();
    },
  });
