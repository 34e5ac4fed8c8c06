// Runs the programs of the pages as Node.js runs them, one after the other, under virtual time: a list of
// `{ file, realTime }` as JSON on stdin, a list of `{ printed, error }` as JSON on stdout.
import { AsyncLocalStorage } from "node:async_hooks"
import { registerHooks } from "node:module"
import { text } from "node:stream/consumers"
import { pathToFileURL } from "node:url"

// A program says `asyncio.run`; these two do the same on a loop whose clock jumps.
const virtual = new Map(
  ["core", "compat"].map((name) => [
    `@effect-asyncio/${name}`,
    new URL(`../../../docs/test/virtual/${name}.ts`, import.meta.url).href
  ])
)

const onVirtualTime = new Set<string>()
const onRealTime = new Set<string>()

// On a machine that is busy, timers of a program that are a few milliseconds apart come due together, and what the first brings
// about has not happened when the second runs. So a timer that a program sets runs when the host has gone round a few times, one
// after the other: the order of what a program prints is then that of its timers, however late they are.
const rounds = 20
const due: Array<() => void> = []

const runDue = (left = rounds): void =>
  void setImmediate(() => {
    if (left > 0) return runDue(left - 1)
    if (due.length > 1) runDue()
    due.shift()!()
  })

const setTimer = (f: (...args: ReadonlyArray<unknown>) => void, millis: number, ...args: ReadonlyArray<unknown>) => {
  const inStores = AsyncLocalStorage.snapshot()
  return setTimeout(() => {
    due.push(() => inStores(f, ...args))
    if (due.length === 1) runDue()
  }, millis)
}

const nameOfSetTimer = "setTimeout of the programs on real time"
Object.assign(globalThis, { [nameOfSetTimer]: setTimer })

registerHooks({
  resolve: (specifier, context, next) => {
    const replacement = onVirtualTime.has(context.parentURL ?? "") ? virtual.get(specifier) : undefined
    return next(replacement ?? specifier, context)
  },
  load: (url, context, next) => {
    const loaded = next(url, context)
    if (!onRealTime.has(url)) return loaded
    // On the first line, so that the others keep their numbers.
    const source = typeof loaded.source === "string" ? loaded.source : new TextDecoder().decode(loaded.source)
    return { ...loaded, source: `const setTimeout = globalThis["${nameOfSetTimer}"];${source}` }
  }
})

// Only against a program that hangs: a machine that does other things as well may be ten times slower.
const patience = 60_000

/** Whatever is printed goes here, in the order in which it was printed. */
let printed = ""
const { stderr, stdout } = process
const answer = stdout.write.bind(stdout)
for (const stream of [stdout, stderr]) {
  stream.write = (chunk: unknown) => {
    printed += String(chunk)
    return true
  }
}

/** An error as Node.js shows it, without the stack: the notes stand below. */
const textOf = (thrown: any) =>
  [
    String(thrown),
    ...["task", "hint"].flatMap((note) => (thrown?.[note] === undefined ? [] : [`${note}: ${thrown[note]}`]))
  ].join("\n")

interface Program {
  readonly file: string
  readonly realTime: boolean
}

const runProgram = async ({ file, realTime }: Program) => {
  const { href } = pathToFileURL(file)
  ;(realTime ? onRealTime : onVirtualTime).add(href)
  printed = ""
  let error: string | undefined
  let timer: NodeJS.Timeout | undefined
  const tooLong = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error("the program does not end")), patience)
  })
  try {
    await Promise.race([import(href), tooLong])
  } catch (thrown) {
    error = textOf(thrown)
  }
  clearTimeout(timer)
  // A program's own, not ours.
  process.exitCode = undefined
  return { printed, error }
}

const programs = JSON.parse(await text(process.stdin)) as ReadonlyArray<Program>
const results: Array<Awaited<ReturnType<typeof runProgram>>> = []
for (const program of programs) results.push(await runProgram(program))
answer(JSON.stringify(results), () => process.exit())
