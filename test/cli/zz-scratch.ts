import { output, parDo, type PCollection } from "millrace";

export function lengths(lines: PCollection<string>): PCollection<number> {
  return lines.apply(parDo({ output: output<number>(), process: (line: string, ctx) => ctx.output(line.length) }));
}
export function lengths2(lines: PCollection<string>): PCollection<number> {
  return lines.apply("Named", parDo({ output: output<number>(), process: (line, ctx) => ctx.output(line.length) }));
}
export const lengths3 = (lines: PCollection<string>): PCollection<number> => {
  const a = lines.apply("Named", parDo({ output: output<number>(), process: (line, ctx) => ctx.output(line.length) }));
  return a;
}
