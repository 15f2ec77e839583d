import type { AnyCoder } from "./coders/coder.ts";
import { structuralCoder } from "./coders/structural.ts";
import { expansionFor, type Expansion, isTransform } from "./expansion.ts";
import { PipelineError, shortText } from "./errors.ts";
import type { Collection, CollectionId, FailureSpec, Graph, Node, NodeId, PrimitiveNode } from "./graph.ts";
import type { PCollection, Pipeline, PTransform } from "./pipeline.ts";
import { Scope } from "./scope.ts";
import { deadLetterCoder } from "./failure.ts";
import { mustWriteApart } from "./sink-places.ts";
import { defaultTrigger } from "./trigger.ts";
import { DEFAULT_SETTINGS, type WindowingStrategy } from "./windowing.ts";
import { globalWindows } from "./windows/global.ts";

/** What a primitive says of itself; the builder adds its place. */
export type PrimitiveSpec<N extends PrimitiveNode = PrimitiveNode> = N extends PrimitiveNode
  ? Omit<N, "id" | "path" | "parent" | "inputs" | "outputs">
  : never;

/** What a new collection differs in from the collection before it. */
export interface CollectionSpec {
  readonly coder?: AnyCoder | undefined;
  readonly windowing?: WindowingStrategy | undefined;
  readonly isBounded?: boolean | undefined;
}

/** What a primitive reads that is applied to a collection, or to a pipeline, which holds no elements. */
export const inputsOf = (collection: Collection): readonly CollectionId[] => (collection === source ? [] : [collection.id]);

/** What a pipeline itself hands on: the windowing that collections start with. */
const source: Collection = {
  id: -1,
  name: "",
  coder: structuralCoder,
  windowing: Object.freeze({ ...DEFAULT_SETTINGS, windowFn: globalWindows(), trigger: defaultTrigger() }),
  isBounded: true,
};

type Draft = Node & { readonly scope: Scope };

/** The failure policy of the one function that {@link GraphBuilder.guarded} waits for. */
interface Guard {
  readonly failure: FailureSpec;
  isTaken: boolean;
  failed: PCollection<never> | undefined;
}

/** Takes down what a builder function applies, and freezes it to a {@link Graph}. */
export class GraphBuilder {
  readonly pipeline: Pipeline;
  readonly #nodes: Draft[] = [];
  readonly #collections: Collection[] = [];
  #scope = new Scope(undefined, "", true);
  #guard: Guard | undefined;
  #isFrozen = false;

  constructor() {
    this.pipeline = new BuiltPipeline(this);
  }

  /** The path of the step that is being applied. */
  get path(): string {
    return this.#scope.path;
  }

  /** The node of the step that is being applied. */
  get node(): NodeId {
    return this.#scope.node!;
  }

  /** Applies a transform under the given name or its own. */
  apply<In, Out>(input: In, nameOrTransform: string | PTransform<In, Out>, given?: PTransform<In, Out>): Out {
    const transform = typeof nameOrTransform === "string" ? given : nameOrTransform;
    if (typeof transform !== "function") {
      throw new PipelineError("NOT_A_PIPELINE", {
        what: "apply takes a transform, or a name and a transform",
        at: this.path,
        got: shortText(transform),
      });
    }
    const expansion = expansionFor(transform);
    return typeof nameOrTransform === "string"
      ? this.expand(expansion, nameOrTransform, true, input)
      : this.expand(expansion, expansion.name, false, input);
  }

  /** Expands in a scope of this name; a name that is empty makes none. */
  expand<In, Out>(expansion: Expansion<In, Out>, name: string, isExplicit: boolean, input: In): Out {
    this.#mustBeOpen();
    if (this.#guard !== undefined) throw this.#notElementWise(`the step ${name || "without a name"} inside of another`);
    if (name === "") {
      if (isExplicit)
        throw new PipelineError("BAD_NAME", { what: "a step's name is empty", at: this.path, fix: "leave the name out, or give one" });
      return expansion.expand(input);
    }
    const outer = this.#scope;
    this.#scope = outer.child(name, isExplicit);
    try {
      const output = this.#expandHere(expansion, input);
      if (isTransform(output)) throw notCalled(expansion.name, this.path);
      return output;
    } finally {
      this.#scope = outer;
    }
  }

  /** A primitive is its scope's own node; whatever applies several steps, or none, is a composite around them. */
  #expandHere<In, Out>({ spec, reads = [], expand }: Expansion<In, Out>, input: In): Out {
    const scope = this.#scope;
    const at = this.#nodes.length;
    const own = typeof spec === "function" ? spec(input) : spec;
    const composite = {
      kind: "composite",
      spec: own,
      id: at,
      path: "",
      parent: scope.parent?.node,
      inputs: [],
      outputs: {},
      scope,
    } as const;
    scope.node = at;
    this.#nodes.push(composite);
    const output = expand(input);
    if (this.#nodes[at] === composite) {
      const inputs = [...collectionsIn(input), ...collectionsIn(reads)].map(({ collection }) => collection.id);
      const outputs = Object.fromEntries(
        collectionsIn(output).map(({ collection }, i, all) => [tagOf(output, i, all.length), collection.id]),
      );
      Object.assign(composite, { inputs, outputs });
    }
    return output;
  }

  /**
   * Gives a failure policy to what is expanded meanwhile, which has to be one function of each element: a dead letter's
   * element would not be a composite's input.
   */
  guarded<Out>(failure: FailureSpec, expand: () => Out): { readonly output: Out; readonly failed: PCollection<never> | undefined } {
    if (this.#guard !== undefined) throw this.#notElementWise("a failure policy inside of another");
    const guard: Guard = { failure, isTaken: false, failed: undefined };
    this.#guard = guard;
    try {
      const output = expand();
      if (!guard.isTaken) throw this.#notElementWise("a transform that applies no step");
      return { output, failed: guard.failed };
    } finally {
      this.#guard = undefined;
    }
  }

  /** Adds a primitive with its outputs. `from` hands on what the outputs do not say themselves. */
  add(
    spec: PrimitiveSpec,
    inputs: readonly CollectionId[],
    from: Collection,
    outputs: Readonly<Record<string, CollectionSpec>>,
  ): Readonly<Record<string, PCollection<never>>> {
    this.#mustBeOpen();
    if (this.#guard === undefined) return this.#add(spec, inputs, from, outputs);
    return this.#addGuarded(this.#guard, spec, inputs, from, outputs);
  }

  #addGuarded(
    guard: Guard,
    spec: PrimitiveSpec,
    inputs: readonly CollectionId[],
    from: Collection,
    outputs: Readonly<Record<string, CollectionSpec>>,
  ): Readonly<Record<string, PCollection<never>>> {
    if (spec.kind !== "parDo" || spec.fn.kind === "split" || spec.fn.kind === "read") throw this.#notElementWise(spec.kind);
    guard.isTaken = true;
    if (spec.fn.kind === "doFn" && spec.fn.keyCoder !== undefined && guard.failure.backoff !== undefined) throw waitsWithState(this.path);
    const guardedSpec = { ...spec, failure: guard.failure };
    if (guard.failure.then !== "deadLetter") return this.#add(guardedSpec, inputs, from, outputs);
    if (Object.hasOwn(outputs, FAILED)) {
      throw new PipelineError("BAD_NAME", {
        what: `the output "${FAILED}" of a step with dead letters is theirs`,
        at: this.path,
        fix: "give the output of that name another tag",
      });
    }
    const { [FAILED]: failed, ...made } = this.#add(guardedSpec, inputs, from, {
      ...outputs,
      [FAILED]: { coder: deadLetterCoder(from.coder) },
    });
    guard.failed = failed;
    return made;
  }

  #add(
    spec: PrimitiveSpec,
    inputs: readonly CollectionId[],
    from: Collection,
    outputs: Readonly<Record<string, CollectionSpec>>,
  ): Readonly<Record<string, PCollection<never>>> {
    const scope = this.#scope;
    const isAlone = scope.node === this.#nodes.length - 1 && this.#nodes[scope.node]?.kind === "composite";
    const own = isAlone ? scope : scope.child(spec.kind, false);
    const id = isAlone ? scope.node! : this.#nodes.length;
    const hasSeveral = Object.keys(outputs).length > 1;
    const nameOf = (tag: string) => (): string => (hasSeveral ? `${own.path}.${tag}` : own.path);
    const made = Object.fromEntries(Object.entries(outputs).map(([tag, output]) => [tag, this.#collection(nameOf(tag), from, output)]));
    const node = {
      ...spec,
      id,
      path: "",
      parent: own.parent?.node,
      inputs,
      outputs: mapValues(made, ({ collection }) => collection.id),
      scope: own,
    };
    own.node = id;
    this.#nodes[id] = node as Draft;
    return made as unknown as Readonly<Record<string, PCollection<never>>>;
  }

  #collection(
    nameNow: () => string,
    from: Collection,
    { coder = structuralCoder, windowing = from.windowing, isBounded = from.isBounded }: CollectionSpec,
  ): BuiltCollection {
    const collection = {
      id: this.#collections.length,
      coder,
      windowing,
      isBounded,
      get name() {
        return nameNow();
      },
    };
    this.#collections.push(collection);
    return new BuiltCollection(this, collection);
  }

  #notElementWise(got: string): PipelineError {
    return new PipelineError("NOT_ELEMENT_WISE", {
      what: "withExceptionHandling takes one step that works element by element, so that a dead letter is that step's input",
      at: this.path,
      got,
      fix: "wrap the map, flatMap, filter, parDo or asyncMap that may throw, inside of the composite",
    });
  }

  /** The collection behind an input, or what a pipeline hands on where there is none. */
  collectionOf(input: unknown): Collection {
    if (input instanceof BuiltPipeline && input.builder === this) return source;
    if (input instanceof BuiltCollection && input.builder === this) return input.collection;
    throw new PipelineError("FOREIGN_COLLECTION", {
      what: "a step reads something that is no collection of this pipeline",
      at: this.path,
      got: input instanceof BuiltCollection ? `the collection ${input.name} of another pipeline` : shortText(input),
      fix: "apply steps only to what this pipeline's own steps gave",
    });
  }

  /** The finished graph. Nothing can be applied afterwards. */
  freeze(): Graph {
    this.#isFrozen = true;
    const nodes = this.#nodes.map(({ scope, ...node }) => Object.freeze({ ...node, path: scope.path }) as Node);
    mustWriteApart(nodes);
    // Spreading makes the names of now the names for good.
    const collections = this.#collections.map((collection) => Object.freeze({ ...collection }));
    return Object.freeze({ nodes, collections });
  }

  #mustBeOpen(): void {
    if (!this.#isFrozen) return;
    throw new PipelineError("GRAPH_IS_FROZEN", {
      what: "a step was applied after the pipeline had been built",
      fix: "apply all steps before the builder function returns; it may not be async",
    });
  }
}

/** The tag of the dead letters of a step. */
const FAILED = "failed";

/** The builder that an input belongs to: of a pipeline, a collection, or the first collection in an object or a list. */
export function builderOf(input: unknown): GraphBuilder {
  if (input instanceof BuiltPipeline) return input.builder;
  const [first] = collectionsIn(input);
  if (first !== undefined) return first.builder;
  throw new PipelineError("FOREIGN_COLLECTION", {
    what: "a transform takes a pipeline, a collection, or an object of collections",
    got: shortText(input),
    fix: "apply it to what p.apply(…) gave",
  });
}

class BuiltPipeline implements Pipeline {
  readonly builder: GraphBuilder;

  constructor(builder: GraphBuilder) {
    this.builder = builder;
  }

  apply<Out>(nameOrTransform: string | PTransform<Pipeline, Out>, transform?: PTransform<Pipeline, Out>): Out {
    return this.builder.apply(this as Pipeline, nameOrTransform, transform);
  }
}

class BuiltCollection {
  readonly builder: GraphBuilder;
  readonly collection: Collection;

  constructor(builder: GraphBuilder, collection: Collection) {
    this.builder = builder;
    this.collection = collection;
  }

  get name(): string {
    return this.collection.name;
  }

  apply<Out>(nameOrTransform: string | PTransform<unknown, Out>, transform?: PTransform<unknown, Out>): Out {
    return this.builder.apply(this as unknown, nameOrTransform, transform);
  }

  pipe(...transforms: readonly PTransform<unknown, unknown>[]): unknown {
    return transforms.reduce((input: unknown, transform) => builderOf(input).apply(input, transform), this);
  }
}

/** The collections in what a transform takes or gives: itself, or the members of a list or an object. */
function collectionsIn(value: unknown): readonly BuiltCollection[] {
  if (value instanceof BuiltCollection) return [value];
  if (typeof value !== "object" || value === null) return [];
  return Object.values(value).filter((part) => part instanceof BuiltCollection);
}

function tagOf(output: unknown, index: number, count: number): string {
  if (count === 1 && output instanceof BuiltCollection) return "main";
  return Object.entries(output as object).filter(([, part]) => part instanceof BuiltCollection)[index]![0];
}

const mapValues = <A, B>(record: Readonly<Record<string, A>>, f: (value: A) => B): Record<string, B> =>
  Object.fromEntries(Object.entries(record).map(([name, value]) => [name, f(value)]));

const waitsWithState = (at: string): PipelineError =>
  new PipelineError("NOT_SUPPORTED", {
    what: "a step with state or timers is to wait between its attempts, which would hold up its other keys",
    at,
    fix: "leave the backoff out, or try again in a step of its own, by asyncMap(…) before or behind this one",
  });

/** A function that makes a transform was applied, and not what it makes. */
const notCalled = (name: string, at: string): PipelineError =>
  new PipelineError("BAD_ARGUMENT", {
    what: "a step gave a transform instead of a collection, because the function that makes it was not called",
    at,
    fix: `call it: .apply(${name}(…)), not .apply(${name})`,
  });
