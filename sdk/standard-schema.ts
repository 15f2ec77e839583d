/**
 * What a schema of zod, valibot, arktype and others has in common, as its specification says, which is there to be copied:
 * only what is used is repeated here.
 *
 * @see https://standardschema.dev
 */
export interface StandardSchema<out Out = unknown> {
  /** What all such schemas have under this name. */
  readonly "~standard": {
    /** The version of the specification. */
    readonly version: 1;
    /** The library that the schema is of. */
    readonly vendor: string;
    /** Looks at a value of any kind. */
    readonly validate: (value: unknown) => SchemaResult<Out> | Promise<SchemaResult<Out>>;
    /** Never there at run time. */
    readonly types?: { readonly input: unknown; readonly output: Out } | undefined;
  };
}

/** What a schema makes of a value: another value, or what is wrong with it. */
export type SchemaResult<Out> = { readonly value: Out; readonly issues?: undefined } | { readonly issues: readonly SchemaIssue[] };

/** What is wrong with a value, in the words of the schema's library, which may say more of it. */
export interface SchemaIssue {
  /** A sentence for people. */
  readonly message: string;
  /** The keys that lead to the part that is wrong. */
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}
