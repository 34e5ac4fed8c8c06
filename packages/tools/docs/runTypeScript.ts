// Runs the programs of the pages as Node.js runs them, one after the other, under virtual time: a list of
// `{ file, realTime }` as JSON on stdin, a list of `{ printed, error }` as JSON on stdout.
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

registerHooks({
  resolve: (specifier, context, next) => {
    const replacement = onVirtualTime.has(context.parentURL ?? "") ? virtual.get(specifier) : undefined
    return next(replacement ?? specifier, context)
  }
})

const patience = 10_000

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
  if (!realTime) onVirtualTime.add(href)
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
