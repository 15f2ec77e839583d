import { existsSync, readFileSync } from "node:fs";
import { Session, type Profiler } from "node:inspector";
import { SourceMap, type SourceMapPayload } from "node:module";
import { fileURLToPath } from "node:url";

/** Where the time of some work went, in parts of 1. */
export interface Shares {
  /** The engine and the library's transforms, with the code that they generate. */
  readonly engine: number;
  /** The functions of the query, and the generator. */
  readonly user: number;
  readonly coders: number;
  readonly garbageCollection: number;
}

/** Runs something under V8's profiler. */
export async function profiled(work: () => Promise<unknown>): Promise<Shares> {
  const session = new Session();
  session.connect();
  const call = <R>(method: string): Promise<R> =>
    new Promise((resolve, reject) => session.post(method, (error, result) => (error === null ? resolve(result as R) : reject(error))));
  await call("Profiler.enable");
  await call("Profiler.start");
  await work();
  const { profile } = await call<Profiler.StopReturnType>("Profiler.stop");
  session.disconnect();
  return sharesOf(profile);
}

function sharesOf({ nodes, samples = [], timeDeltas = [] }: Profiler.Profile): Shares {
  const partOf = new Map(nodes.map(({ id, callFrame }) => [id, kindOf(callFrame)]));
  const times = { engine: 0, user: 0, coders: 0, garbageCollection: 0, idle: 0 };
  samples.forEach((id, i) => (times[partOf.get(id) ?? "engine"] += timeDeltas[i]!));
  const all = times.engine + times.user + times.coders + times.garbageCollection;
  return {
    engine: times.engine / all,
    user: times.user / all,
    coders: times.coders / all,
    garbageCollection: times.garbageCollection / all,
  };
}

function kindOf({ functionName, url, lineNumber, columnNumber }: Profiler.ProfileNode["callFrame"]): keyof Shares | "idle" {
  if (functionName === "(garbage collector)") return "garbageCollection";
  if (functionName === "(idle)" || functionName === "(program)") return "idle";
  const source = sourceOf(url, lineNumber, columnNumber);
  if (source.includes("/bench/nexmark/")) return "user";
  return source.includes("/coders/") ? "coders" : "engine";
}

const maps = new Map<string, SourceMap | undefined>();

/** The file that some code was written in: the compiled package has one for all coders, transforms and others together. */
function sourceOf(url: string, line: number, column: number): string {
  if (!url.startsWith("file:")) return url;
  if (!maps.has(url)) maps.set(url, mapOf(fileURLToPath(url)));
  const entry = maps.get(url)?.findEntry(line, column);
  return entry !== undefined && "originalSource" in entry ? entry.originalSource : url;
}

function mapOf(path: string): SourceMap | undefined {
  if (!existsSync(`${path}.map`)) return undefined;
  return new SourceMap(JSON.parse(readFileSync(`${path}.map`, "utf8")) as SourceMapPayload);
}
