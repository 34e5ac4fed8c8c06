// `npm run tour`: the five tutorial programs, in core and in compat, each beside what CPython 3.14 prints, and then a
// program that a user would write. Exits with 1 if one of the ten disagrees.
import { spawn } from "node:child_process"
import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { root } from "../repository.ts"
import { agree, compare, type ComparedLine } from "./tutorial.ts"

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
    console.log(`  CPython  ${expected ?? "(nothing)"}`)
    console.log(`${same ? " " : "!"} here     ${printed ?? "(nothing)"}`)
  }
}

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
process.exitCode = disagreeing.length === 0 ? 0 : 1
