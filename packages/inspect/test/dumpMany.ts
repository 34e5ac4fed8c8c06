// Dumps programs very often while they work: `npm run dev -- inspect:dumps 10000`. Half of the dumps are of programs under load, and half of one
// that runs the corpus of the conformance tests, which has to print what it prints when nobody looks. Says what has come of it: 1 where a program has
// ended, has printed something else, or could not be dumped.
import { readDump } from "../src/client/dump.ts"
import { find } from "../src/client/find.ts"
import { type Program, start, withFolder } from "./process.ts"

const wanted = Number(process.argv[2] ?? 10_000)
const files = withFolder()
const problems: Array<string> = []
const took: Array<number> = []
let longestStall = 0
let tasks = 0

/** What is wrong with one program is told once. */
const problem = (text: string) => {
  if (!problems.includes(text)) problems.push(text)
}

/** Dumps a program as often as is said, or as long as it goes on, by a new connection for every hundred dumps. */
const dump = async ({ pid }: Program, name: string, most: number, goesOn = () => true): Promise<number> => {
  let done = 0
  while (done < most && goesOn()) {
    try {
      const connection = await find(String(pid), {})
      for (let i = 0; i < 100 && done < most && goesOn(); i++) {
        const begun = performance.now()
        const { loops, stall = 0 } = await readDump(connection)
        took.push(performance.now() - begun)
        longestStall = Math.max(longestStall, stall)
        tasks += loops.reduce((sum, loop) => sum + loop.tasks.length, 0)
        done++
      }
      connection.close()
    } catch (error) {
      // A program that comes to its end does so also while it is looked at.
      if (goesOn()) problem(`${name}: ${error instanceof Error ? error.message : String(error)}`)
      return done
    }
  }
  return done
}

/** Begins a program, of which the standard error has to stay empty. */
const begin = async (name: string, ...args: ReadonlyArray<string>): Promise<Program> => {
  const program = await start(name, {}, ...args)
  program.child.stderr.on("data", (text: Buffer) => problem(`${name} says: ${text.toString().trim()}`))
  return program
}

const underLoad = async (): Promise<number> => {
  const programs = [["many.ts", "5000", "2000"], ["busy.ts"], ["service.ts"]] as const
  const each = Math.ceil(wanted / 2 / programs.length)
  const counts = await Promise.all(
    programs.map(async ([name, ...args]) => {
      const program = await begin(name, ...args)
      const done = await dump(program, name, each)
      if (program.child.exitCode !== null) problem(`${name} has ended`)
      await program.end()
      return done
    })
  )
  return counts.reduce((sum, count) => sum + count, 0)
}

/** What the scripts of the corpus do, and how often the program was dumped meanwhile, if it is to be. */
const traces = async (isDumped: boolean): Promise<{ readonly text: string; readonly dumped: number }> => {
  const program = await begin("../../../conformance/src/printTraces.ts")
  let isDone = false
  const dumping = isDumped ? dump(program, "the corpus", Infinity, () => !isDone) : undefined
  const lines: Array<string> = []
  const next = () => program.line()
  for (let line = await next(); line !== "done" && line !== "undefined"; line = await next()) lines.push(line)
  isDone = true
  return { text: lines.join("\n"), dumped: (await dumping) ?? 0 }
}

const whileTheCorpusRuns = async () => {
  const expected = (await traces(false)).text
  let dumps = 0
  let runs = 0
  while (dumps < wanted / 2 && problems.length === 0) {
    const { dumped, text } = await traces(true)
    runs++
    dumps += dumped
    if (text !== expected) problem(`the corpus has other traces in run ${runs}`)
  }
  return { dumps, runs, scripts: expected.split("\n").length }
}

const loaded = await underLoad()
const { dumps, runs, scripts } = await whileTheCorpusRuns()
files.remove()
took.sort((a, b) => a - b)
const at = (part: number) => `${took[Math.floor((took.length - 1) * part)]?.toFixed(1)} ms`
console.log(
  `${loaded} dumps of programs under load, and ${dumps} while ${scripts} scripts of the corpus ran ${runs} times, on ${process.version}, with ${tasks} tasks in them.
A dump took ${at(0.5)} (median), ${at(0.99)} (99 %), ${at(1)} (longest); a program stood still for ${longestStall.toFixed(1)} ms at most.
${problems.length === 0 ? "No program ended or said anything, and the scripts have done what they do when nobody looks." : problems.join("\n")}`
)
process.exitCode = problems.length === 0 ? 0 : 1
