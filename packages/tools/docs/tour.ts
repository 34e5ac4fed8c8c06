// `npm run tour`: the five tutorial programs, in core and in compat, each beside what CPython 3.14 prints, then a program that a
// user would write, and where to go from there. Exits with 1 if one of the ten disagrees.
import { spawn } from "node:child_process"
import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { root } from "../repository.ts"
import { agree, compare, type ComparedLine, readable } from "./tutorial.ts"

const examples = join(root, "docs/examples")
const tutorial = join(examples, "current-task")

/** Runs a program to its end and returns all it printed. */
const run = (file: string) =>
  new Promise<string>((resolve, reject) => {
    const child = spawn(process.execPath, ["--no-warnings", file], { stdio: ["ignore", "pipe", "pipe"] })
    let output = ""
    child.stdout.on("data", (data: Buffer) => (output += data))
    child.stderr.on("data", (data: Buffer) => (output += data))
    child.on("error", reject)
    child.on("close", (code) => resolve(code === 0 ? output : `${output}exit code ${code}\n`))
  })

type Kind = "core" | "compat"

interface Result {
  readonly base: string
  readonly kind: Kind
  readonly lines: ReadonlyArray<ComparedLine>
}

const program = async (base: string, kind: Kind): Promise<Result> => {
  const expected = readFileSync(join(tutorial, `${base}.txt`), "utf8")
  const printed = await run(join(tutorial, `${base}.${kind}.ts`))
  return { base, kind, lines: compare(expected, printed) }
}

const show = ({ base, kind, lines }: Result) => {
  const verdict = agree(lines) ? "agrees with CPython 3.14" : "DISAGREES with CPython 3.14"
  console.log(`\n${base} in ${kind}: ${verdict}`)
  for (const { expected, printed, same } of lines) {
    console.log(`  CPython  ${readable(expected ?? "(nothing)")}`)
    console.log(`${same ? " " : "!"} here     ${readable(printed ?? "(nothing)")}`)
  }
}

console.log(`Five programs, each in Effect (core) and with async functions (compat), beside what CPython 3.14 prints. Not compared: where a
file is and which line it is, where CPython defines its own callbacks, and that True is true.`)

const bases = readdirSync(tutorial)
  .filter((name) => name.endsWith(".py"))
  .map((name) => name.replace(/\.py$/, ""))
  .sort()
const results = await Promise.all(bases.flatMap((base) => [program(base, "core"), program(base, "compat")]))
results.forEach(show)

const source = join(examples, "workers.ts")
console.log(`\nNamed workers, one of them cancelled by name (docs/examples/workers.ts):\n`)
console.log((await run(source)).replace(/^/gm, "  ").trimEnd())

const disagreeing = results.filter(({ lines }) => !agree(lines))
console.log(`\n${results.length - disagreeing.length} of ${results.length} programs agree with CPython 3.14`)
console.log(`
What to do next:
  docs/examples/current-task        the programs above: change one, and run the tour again
  docs/start.md                     a first program in a folder of its own
  docs/tutorial/current-task.md     one idea on each page
  docs/coming-from-....md           what you know, and what you write: asyncio, promises, Effect
  npm run docs                      all pages as a site, with programs to play; npm run dev -- docs:preview serves it
  npm test                          all tests, and every program on every page
  CONTRIBUTING.md                   what a change needs`)
process.exitCode = disagreeing.length === 0 ? 0 : 1
