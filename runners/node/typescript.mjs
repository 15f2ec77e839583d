// Plain JavaScript, so that a worker thread can start from it where the library itself runs from its TypeScript sources.
import { createRequire, register } from "node:module";
import { pathToFileURL } from "node:url";

/** @type {Promise<"tsx" | "node" | undefined> | undefined} */
let reader;

/**
 * Makes this thread able to import TypeScript. Every thread has to ask for itself, and asking again costs nothing.
 *
 * tsx is preferred, since it reads all of TypeScript and finds `x.ts` where `./x.js` is imported; Node from 22.18 on strips
 * types by itself, and nothing more.
 *
 * @param {string} url - the module to be imported: tsx is looked for from there, if it is not beside the library.
 * @returns {Promise<"tsx" | "node" | undefined>} what reads TypeScript now; nothing if there is neither.
 */
export const readTypeScript = (url) => (reader ??= findReader(url));

/** @param {string} url */
async function findReader(url) {
  const tsx = await tsxNear(url);
  // Without a namespace: with one, a module and whatever it imports, this library too, would be loaded a second time.
  tsx?.register();
  const name = tsx ? "tsx" : process.features.typescript ? "node" : undefined;
  // After tsx: the hook that was registered last is asked first.
  if (name) register("./es-module-hook.mjs", import.meta.url, { data: { format: name === "tsx" ? "module" : "module-typescript" } });
  return name;
}

/**
 * @param {string} url
 * @returns {Promise<typeof import("tsx/esm/api") | undefined>}
 */
async function tsxNear(url) {
  try {
    return await import("tsx/esm/api");
  } catch (error) {
    if (error.code !== "ERR_MODULE_NOT_FOUND") throw error;
  }
  try {
    // `require` finds the CommonJS form, whose `register` fails on Node 20. The ES module lies beside it.
    const path = createRequire(url)
      .resolve("tsx/esm/api")
      .replace(/\.cjs$/, ".mjs");
    return await import(pathToFileURL(path).href);
  } catch (error) {
    if (error.code !== "MODULE_NOT_FOUND") throw error;
    return undefined;
  }
}
