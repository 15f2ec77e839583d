import fc from "fast-check";
import { encodeAll, decodeAll } from "../../sdk/coders/frames.ts";
import { structuralCoder as S } from "../../sdk/coders/structural.ts";
import { batches, plain } from "./values.ts";
let worst = 0, n = 0, right = 0; const until = Date.now() + 240_000; let seed = Date.now();
let rnd = seed >>> 0; const next = () => (rnd = (Math.imul(rnd, 1664525) + 1013904223) >>> 0) / 2 ** 32;
while (Date.now() < until) {
  for (const v of fc.sample(fc.oneof(batches, fc.array(plain, { maxLength: 4 }).map((a) => [...a, a, [a, a]])), { numRuns: 50, seed: seed++ })) {
    const good = encodeAll(S, v as unknown[]);
    if (good.length > 3000) continue;
    for (let k = 0; k < 40; k++) {
      const b = good.slice(); const m = 1 + Math.floor(next() * 4);
      for (let j = 0; j < m; j++) b[Math.floor(next() * b.length)] = [0x69, 0x70, 0x72, 0xd6, 0xd4, 0xdd, 0xdf, 0xc9, 0x91, 0xdc, 0, 255, Math.floor(next() * 256)][Math.floor(next() * 13)]!;
      const t = performance.now(); const r = decodeAll(S, b); const d = performance.now() - t; n++; if (r._tag === "Right") right++;
      if (d > worst) { worst = d; console.log("worst", d.toFixed(1), b.length, r._tag === "Left" ? r.left.message.slice(0, 80) : "Right"); if (d > 50) console.log(Buffer.from(b).toString("base64")); }
    }
  }
}
console.log(n, right);
