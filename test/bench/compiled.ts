import { execFileSync, spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** What a process cost. */
export interface ProcessCost {
  readonly cpuMs: number;
  readonly wallMs: number;
  readonly peakMb: number;
}

/** Compiles the package, so that processes can import it as its users do. */
export function compile(): void {
  execFileSync("npm", ["run", "--silent", "build"], { cwd: root });
}

/**
 * Runs a module's text in a process of its own, in which the package can be imported by its name; answers what it cost, and what it
 * printed.
 */
export function costOfProcess(text: string, args: readonly string[] = []): ProcessCost & { readonly printed: string } {
  const report = "process.on('exit', () => console.log(JSON.stringify(process.resourceUsage())));";
  const start = performance.now();
  const { stdout, status, stderr } = spawnSync(process.execPath, [...args, "--input-type=module", "--eval", `${report}\n${text}`], {
    cwd: root,
    encoding: "utf8",
  });
  const wallMs = performance.now() - start;
  if (status !== 0) throw new Error(`the process failed: ${stderr}`);
  const lines = stdout.trimEnd().split("\n");
  const usage = JSON.parse(lines.at(-1)!) as NodeJS.ResourceUsage;
  return {
    printed: lines.slice(0, -1).join("\n"),
    cpuMs: (usage.userCPUTime + usage.systemCPUTime) / 1_000,
    wallMs,
    peakMb: usage.maxRSS / 1_024,
  };
}
