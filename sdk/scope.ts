import { PipelineError } from "./errors.ts";
import type { NodeId } from "./graph.ts";

/** A name in the tree of names. The path is worked out when it is asked for, since a step may still be numbered anew. */
export class Scope {
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
