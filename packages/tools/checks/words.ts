/**
 * One word for one thing: words that had several meanings here, what is said instead, and where one of them may stand all the same. Another
 * word is another row. One that is ordinary English besides needs a pattern for the meaning that is meant, and for no other.
 */
import { execFileSync } from "node:child_process"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { root } from "../repository.ts"

export interface Word {
  readonly word: string
  /** Where it stands in the old meaning. A space stands for any space, also for that between two lines of a comment. */
  readonly pattern: RegExp
  readonly say: string
  /** Files, and folders with a slash at the end, each with the reason. */
  readonly allowed: Readonly<Record<string, string>>
}

const agents = "what the model of an agent answers once is its turn, in the words of those who make agents"

// What stands before a noun.
const determiner =
  "[Aa]n?|one|two|three|\\d+|few|some|no|each|every|its|his|their|your|own|the|this|same|very|next|first|last|another|more|many|single|takes?|\\w+'s"

export const words: ReadonlyArray<Word> = [
  {
    word: "turn",
    // The noun, names in code, and the word as a value. "in turn", "turns out" and "turns X into Y" are English.
    pattern: new RegExp(
      [
        `(?<=\\b(?:${determiner}) )turns?\\b(?! (?:around|into|off|on|out|it|them|this|what)\\b)`,
        "\\bturn by turn\\b",
        "(?<=[a-z0-9])Turns?(?![a-z])",
        "\\b[tT]urns?(?=[A-Z(]|\\+\\+|--)",
        "(?<=\\b(?:const|let|readonly|function\\*?|interface|type) )[tT]urns?\\b",
        "(?<=[\"'`])turns?(?=[\"'`])"
      ].join("|"),
      "g"
    ),
    say: "iteration of the loop, step of a task, macrotask of the host, place in a queue",
    allowed: { "docs/examples/agent/": agents, "docs/test/programs/agent.test.ts": agents, "docs/mcp.md": agents }
  },
  { word: "strand", pattern: /(?:\b[Ss]|(?<=[a-z])S)trands?(?![a-z])/g, say: "FiberScope", allowed: {} },
  { word: "driven line", pattern: /[Dd]riven ?[Ll]ines?\b/g, say: "CallbackScope", allowed: {} },
  { word: "scope owner", pattern: /[Ss]cope ?[Oo]wners?\b/g, say: "cancel target", allowed: {} },
  {
    word: "face",
    pattern:
      /(?<=[a-z])(?<!Inter|Sur)Faces?(?![a-z])|\bfaces?(?=[A-Z(]| (?:of|for)\b)|(?<=\b(?:an?|its|the|their|own) )faces?\b/g,
    say: "wrapper",
    allowed: {}
  }
]

// What has its words from before, or only speaks of them.
const passedOver = [
  /(?:^|\/)CHANGELOG\.md$/,
  /^\.changeset\//,
  /\/corpus\//,
  /(?:^|\/)results?(?:\/|\.json$)/,
  /^packages\/tools\/(?:.*\/)?words(?:\.test)?\.ts$/
]

const written = /\.(?:[cm]?tsx?|[cm]?js|vue|md|json|go|py)$/

/** The sources and pages that git knows, by path; without those that are gone. */
export const sources = (): ReadonlyMap<string, string> => {
  const paths = execFileSync("git", ["ls-files", "-z"], { cwd: root, encoding: "utf8" }).split("\0")
  return new Map(
    paths
      .filter((path) => written.test(path) && !passedOver.some((each) => each.test(path)))
      .flatMap((path) => {
        const text = textOf(path)
        return text === undefined ? [] : [[path, text] as const]
      })
  )
}

const textOf = (path: string): string | undefined => {
  try {
    return readFileSync(join(root, path), "utf8")
  } catch {
    return undefined
  }
}

// With the signs at the end of a line of a comment and at the beginning of the next.
const anySpace = String.raw`(?:\s+(?:(?:\*|//|#|>)\s+)?)`

/** `FILE:LINE: "WORD", say ...: THE LINE`, of every place where a word of the table stands in its old meaning, and is not allowed. */
export const oldWords = (
  texts: ReadonlyMap<string, string>,
  table: ReadonlyArray<Word> = words
): ReadonlyArray<string> =>
  table.flatMap(({ allowed, pattern, say, word }) => {
    const across = new RegExp(pattern.source.replaceAll(" ", anySpace), pattern.flags)
    const isAllowed = (path: string): boolean => Object.keys(allowed).some((place) => isIn(path, place))
    return [...texts].flatMap(([path, text]) =>
      isAllowed(path)
        ? []
        : Array.from(text.matchAll(across), ({ index }) => {
            const before = text.slice(0, index).split("\n")
            const line = text.split("\n", before.length).at(-1)!
            return `${path}:${before.length}: "${word}", say ${say}: ${line.trim()}`
          })
    )
  })

const isIn = (path: string, place: string): boolean => (place.endsWith("/") ? path.startsWith(place) : path === place)

/** `WORD in PLACE`, where the table allows what does not stand there. */
export const needless = (texts: ReadonlyMap<string, string>): ReadonlyArray<string> =>
  words.flatMap((word) =>
    Object.keys(word.allowed).flatMap((place) => {
      const there = new Map([...texts].filter(([path]) => isIn(path, place)))
      return oldWords(there, [{ ...word, allowed: {} }]).length > 0 ? [] : [`${word.word} in ${place}`]
    })
  )
