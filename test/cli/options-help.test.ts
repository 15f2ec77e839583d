import { expect, test } from "vitest";
import { optionsHelp } from "../../runners/cli/help.ts";

test("the help lists what a pipeline declares, in its order", () => {
  const help = optionsHelp("letters", {
    input: { type: "string", required: true, help: "files to read" },
    size: { type: "number", default: 10 },
    loud: { type: "boolean", default: false, help: "print all" },
    every: { type: "duration", default: 1_500 },
    pause: { type: "duration", default: "5s" },
    mode: { type: "choice", choices: ["fast", "safe"], default: "fast", help: "how" },
    tag: { type: "string", list: true, default: ["a", "b"] },
    token: { type: "string", secret: true, default: "hush" },
    bare: { type: "string" },
  });
  expect(help).toBe(`options of letters:

  --input <string>    files to read (required)
  --size <number>     (default: 10)
  --[no-]loud         print all (default: false)
  --every <duration>  (default: 1500ms)
  --pause <duration>  (default: 5s)
  --mode fast|safe    how (default: fast)
  --tag <string>      (may be repeated; default: a, b)
  --token <string>    (default: set; secret; also from MILLRACE_TOKEN)
  --bare <string>
`);
});

test("a pipeline without options says so", () => {
  expect(optionsHelp("letters", {})).toBe("letters declares no options.\n");
});
