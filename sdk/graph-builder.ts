import type { AnyCoder } from "./coders/coder.ts";
import { structuralCoder } from "./coders/structural.ts";
import { PipelineError } from "./errors.ts";
import type { Collection, CollectionId, CompositeSpec, Graph, Node, NodeId, PrimitiveNode } from "./graph.ts";
import type { PCollection, Pipeline, PTransform } from "./pipeline.ts";
import { defaultTrigger } from "./trigger.ts";
import type { WindowingStrategy } from "./windowing.ts";
import { globalWindows } from "./windows/global.ts";

/** A transform that knows its name, and what makes its output. */
export interface Expansion<In, Out> {
  readonly name: string;
  readonly spec: CompositeSpec | undefined;
  readonly expand: (input: In) => Out;
}

/** How the transforms made by {@link expansionOf} are expanded when `apply` gives them another name. */
const expansions = new WeakMap<object, Expansion<never, unknown>>();

/** A transform from its expansion. Called directly, as in fp-ts' `pipe`, it goes under its own name. */
export function expansionOf<In, Out>(expansion: Expansion<In, Out>): PTransform<In, Out> {
  const transform = (input: In): Out => builderOf(input).expand(expansion, expansion.name, false, input);
  Object.defineProperty(transform, "name", { value: expansion.name });
  expansions.set(transform, expansion);
  return transform;
}

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

/** A transform that is one node with one output. The output inherits windowing and boundedness from the input. */
export function primitive<In extends Pipeline | PCollection<unknown>, Out>(
  name: string,
  describe: (input: Collection, at: string) => PrimitiveSpec & { readonly output: CollectionSpec },
): PTransform<In, PCollection<Out>> {
  return expansionOf({
    name,
    spec: undefined,
    expand: (input: In) => {
      const builder = builderOf(input);
      const collection = builder.collectionOf(input);
      const { output, ...spec } = describe(collection, builder.path);
      return builder.add(spec as PrimitiveSpec, collection === source ? [] : [collection.id], collection, { main: output })[
        "main"
      ] as PCollection<Out>;
    },
  });
}

/** What a pipeline itself hands on: the windowing that collections start with. */
const source: Collection = {
  id: -1,
  name: "",
  coder: structuralCoder,
  windowing: Object.freeze({ windowFn: globalWindows(), trigger: defaultTrigger(), allowedLateness: 0 }),
  isBounded: true,
};

/** A name in the tree of names. The path is worked out when it is asked for, since a step may still be numbered anew. */
class Scope {
  readonly #children = new Map<string, Scope>();
  node: NodeId | undefined;

  readonly parent: Scope | undefined;
  #name: string;
  readonly #isExplicit: boolean;

  constructor(parent: Scope | undefined, name: string, isExplicit: boolean) {
    this.parent = parent;
    this.#name = name;
    this.#isExplicit = isExplicit;
  }

  get path(): string {
    return this.parent === undefined || this.parent.parent === undefined ? this.#name : `${this.parent.path}/${this.#name}`;
  }

  /** A step below this one. Two explicit names must differ; names that nobody gave are numbered, and give way. */
  child(name: string, isExplicit: boolean): Scope {
    const taken = this.#children.get(name);
    if (isExplicit && taken !== undefined && taken.#isExplicit) {
      throw new PipelineError("DUPLICATE_NAME", {
        what: "two steps have the same name, so metrics and state could not tell them apart",
        at: taken.path,
        fix: `give one of them a name of its own, such as .apply(${JSON.stringify(`${name}Again`)}, …)`,
      });
    }
    if (isExplicit && taken !== undefined) this.#adopt(taken, this.#free(name));
    return this.#adopt(new Scope(this, name, isExplicit), isExplicit ? name : this.#free(name));
  }

  #adopt(scope: Scope, name: string): Scope {
    scope.#name = name;
    this.#children.set(name, scope);
    return scope;
  }

  #free(name: string): string {
    if (!this.#children.has(name)) return name;
    for (let n = 2; ; n++) if (!this.#children.has(`${name}${n}`)) return `${name}${n}`;
  }
}

type Draft = Node & { readonly scope: Scope };

/** Takes down what a builder function applies, and freezes it to a {@link Graph}. */
export class GraphBuilder {
  readonly pipeline: Pipeline;
  readonly #nodes: Draft[] = [];
  readonly #collections: (Omit<Collection, "name"> & { scope: Scope; tag: string })[] = [];
  #scope = new Scope(undefined, "", true);
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
        got: String(transform),
      });
    }
    const known = expansions.get(transform) as Expansion<In, Out> | undefined;
    const expansion = known ?? { name: transform.name, spec: undefined, expand: transform };
    return typeof nameOrTransform === "string"
      ? this.expand(expansion, nameOrTransform, true, input)
      : this.expand(expansion, expansion.name, false, input);
  }

  /** Expands in a scope of this name; a name that is empty makes none. */
  expand<In, Out>({ spec, expand }: Expansion<In, Out>, name: string, isExplicit: boolean, input: In): Out {
    this.#mustBeOpen();
    if (name === "") {
      if (isExplicit)
        throw new PipelineError("BAD_NAME", { what: "a step's name is empty", at: this.path, fix: "leave the name out, or give one" });
      return expand(input);
    }
    const outer = this.#scope;
    this.#scope = outer.child(name, isExplicit);
    try {
      return this.#expandHere(spec, expand, input);
    } finally {
      this.#scope = outer;
    }
  }

  /** A primitive is its scope's own node; whatever applies several steps, or none, is a composite around them. */
  #expandHere<In, Out>(spec: CompositeSpec | undefined, expand: (input: In) => Out, input: In): Out {
    const scope = this.#scope;
    const at = this.#nodes.length;
    const composite = { kind: "composite", spec, id: at, path: "", parent: scope.parent?.node, inputs: [], outputs: {}, scope } as const;
    scope.node = at;
    this.#nodes.push(composite);
    const output = expand(input);
    if (this.#nodes[at] === composite) {
      const inputs = collectionsIn(input).map(({ collection }) => collection.id);
      const outputs = Object.fromEntries(
        collectionsIn(output).map(({ collection }, i, all) => [tagOf(output, i, all.length), collection.id]),
      );
      Object.assign(composite, { inputs, outputs });
    }
    return output;
  }

  /** Adds a primitive with its outputs. `from` hands on what the outputs do not say themselves. */
  add(
    spec: PrimitiveSpec,
    inputs: readonly CollectionId[],
    from: Collection,
    outputs: Readonly<Record<string, CollectionSpec>>,
  ): Record<string, PCollection<never>> {
    this.#mustBeOpen();
    const scope = this.#scope;
    const isAlone = scope.node === this.#nodes.length - 1 && this.#nodes[scope.node]?.kind === "composite";
    const own = isAlone ? scope : scope.child(spec.kind, false);
    const id = isAlone ? scope.node! : this.#nodes.length;
    const made = Object.fromEntries(Object.entries(outputs).map(([tag, output]) => [tag, this.#collection(own, tag, from, output)]));
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
    return made as unknown as Record<string, PCollection<never>>;
  }

  #collection(
    scope: Scope,
    tag: string,
    from: Collection,
    { coder = structuralCoder, windowing = from.windowing, isBounded = from.isBounded }: CollectionSpec,
  ): BuiltCollection {
    const collection = { id: this.#collections.length, coder, windowing, isBounded, scope, tag };
    this.#collections.push(collection);
    return new BuiltCollection(this, collection as unknown as Collection, () => nameOf(scope, tag));
  }

  /** The collection behind an input, or what a pipeline hands on where there is none. */
  collectionOf(input: unknown): Collection {
    if (input instanceof BuiltPipeline && input.builder === this) return source;
    if (input instanceof BuiltCollection && input.builder === this) return input.collection;
    throw new PipelineError("FOREIGN_COLLECTION", {
      what: "a step reads something that is no collection of this pipeline",
      at: this.path,
      got: input instanceof BuiltCollection ? `the collection ${input.name} of another pipeline` : String(input),
      fix: "apply steps only to what this pipeline's own steps gave",
    });
  }

  /** The finished graph. Nothing can be applied afterwards. */
  freeze(): Graph {
    this.#isFrozen = true;
    const nodes = this.#nodes.map(({ scope, ...node }) => Object.freeze({ ...node, path: scope.path }) as Node);
    const collections = this.#collections.map(({ scope, tag, ...collection }) =>
      Object.freeze({ ...collection, name: nameOf(scope, tag) }),
    );
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

const nameOf = (scope: Scope, tag: string): string => (tag === "main" ? scope.path : `${scope.path}.${tag}`);

/** The builder that an input belongs to: of a pipeline, a collection, or the first collection in an object or a list. */
export function builderOf(input: unknown): GraphBuilder {
  if (input instanceof BuiltPipeline) return input.builder;
  const [first] = collectionsIn(input);
  if (first !== undefined) return first.builder;
  throw new PipelineError("FOREIGN_COLLECTION", {
    what: "a transform takes a pipeline, a collection, or an object of collections",
    got: String(input),
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
  readonly #nameNow: () => string;

  constructor(builder: GraphBuilder, collection: Collection, nameNow: () => string) {
    this.builder = builder;
    this.collection = collection;
    this.#nameNow = nameNow;
  }

  get name(): string {
    return this.#nameNow();
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
