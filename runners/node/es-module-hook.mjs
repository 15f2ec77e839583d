// Plain JavaScript, because Node loads a hook on a thread of its own, where nothing reads TypeScript.

let typescriptFormat = "module";

/** @param {{ readonly format: string }} settings - the format that TypeScript modules are to be loaded as. */
export const initialize = ({ format }) => {
  typescriptFormat = format;
};

/**
 * Takes every TypeScript module for an ES module, whatever the nearest package.json says. `npm init` writes
 * `"type": "commonjs"`, and there a pipeline would be turned into a `require` of this library, which is ESM only: it fails
 * on some versions of Node and gets a second copy of the library on others, whose pipelines this one does not know.
 *
 * @type {import("node:module").LoadHook}
 */
export const load = (url, context, next) =>
  next(url, /\.tsx?(\?|$)/.test(url) && !url.includes("/node_modules/") ? { ...context, format: typescriptFormat } : context);
