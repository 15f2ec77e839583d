import { countPerElement, create, definePipeline, flatMap } from "millrace";

/** Counts letters, and has an option of every kind. */
export default definePipeline(
  import.meta.url,
  {
    options: {
      text: { type: "string", help: "what to count the letters of", default: "to be or not to be" },
      times: { type: "number", default: 1, help: "how often" },
      loud: { type: "boolean", default: false, help: "print each word" },
      pause: { type: "duration", default: "1s" },
      mode: { type: "choice", choices: ["all", "vowels"], default: "all" },
      tag: { type: "string", list: true },
      token: { type: "string", secret: true, help: "a password" },
    },
  },
  (p, { text, times, loud, mode }) => {
    p.apply("Words", create(Array.from({ length: times }, () => text.split(" ")).flat()))
      .apply(
        "Letters",
        flatMap((word) => {
          if (loud) console.log(word);
          return word.match(mode === "vowels" ? /[aeiou]/g : /\w/g) ?? [];
        }),
      )
      .apply("Count", countPerElement());
  },
);
