// `npm run dev -- trace`: what is called when a task is created, awaited and cancelled. `--calls` prints each call, `--json` the
// figures alone.
import { measure } from "./measures.ts"
import { beginRecording, type Call, endRecording, type Figures, figuresOf, noteCalls } from "./callTrace.ts"

noteCalls()

type Known = Partial<Figures>

/** What a review has traced elsewhere, and here before the plan (at 1d9b588), and what the plan wants. */
const known: Readonly<Record<string, Readonly<Record<string, Known>>>> = {
  "create, core": {
    "asyncio, create_task()": { calls: 14, functions: 12, files: 5, moves: 9, back: 5 },
    "core, before": { calls: 23, functions: 23, files: 13, moves: 17, back: 5 }
  },
  "cancel of a sleeping task, core": {
    "asyncio, cancel()": { calls: 10, functions: 10, files: 4, moves: 4, back: 1 },
    "trio, cancel_scope.cancel()": { calls: 22, functions: 16, files: 3, moves: 4, back: 2 },
    "Effect 4, interruptUnsafe()": { calls: 53, functions: 33, files: 4, moves: 20, back: 17 },
    "effection 4, halt() to its end": { calls: 163, functions: 59, files: 17, moves: 113, back: 97 },
    "core, before": { calls: 41, functions: 38, files: 13, moves: 29, back: 17, nouns: 24, verbs: 51 },
    wanted: { calls: 32, files: 8, moves: 18, folders: 2, nouns: 14, verbs: 25 }
  },
  "cancel across both borders, compat": {
    "compat, before": { calls: 50, functions: 42, files: 17, moves: 34, back: 18 },
    wanted: { calls: 42, files: 12, nouns: 14, verbs: 25 }
  }
}

/** The same for the sizes. */
const heart = { before: 1821, wanted: 1500 }

const core = await import("@effect-asyncio/core")
const compat = await import("@effect-asyncio/compat")
const { Effect } = await import("effect")

/** What was recorded last. */
let calls: ReadonlyArray<Call> = []

const begin = Effect.sync(beginRecording)
const end = Effect.sync(() => void (calls = endRecording()))

const sleeping = core.sleep("1 hour")

/** What is recorded. Each runs twice: what is tried out, or made once, is no part of it. */
const operations: Readonly<Record<string, () => Promise<unknown>>> = {
  "create, core": () =>
    core.run(
      Effect.gen(function* () {
        yield* begin
        yield* core.createTask(sleeping)
        yield* end
      })
    ),
  "await, core": () =>
    core.run(
      Effect.gen(function* () {
        const loop = yield* core.getRunningLoop
        const future = loop.createFutureUnsafe<void>()
        const waiting = yield* core.createTask(Effect.andThen(begin, future))
        loop.callSoonUnsafe(() => void (calls = endRecording()))
        yield* core.sleep(0)
        yield* waiting.cancel()
      })
    ),
  "cancel of a sleeping task, core": () =>
    core.run(
      Effect.gen(function* () {
        const task = yield* core.createTask(sleeping)
        yield* core.sleep(0)
        beginRecording()
        task.cancelUnsafe()
        calls = endRecording()
      })
    ),
  "cancel across both borders, compat": () =>
    compat.run(async () => {
      const task = compat.createTask(() => compat.runEffect(compat.toEffect(() => compat.sleep("1 hour"))))
      await compat.sleep(0)
      await compat.sleep(0)
      beginRecording()
      task.cancel()
      calls = endRecording()
    })
}

const figures: Record<string, Figures> = {}
const traces: Record<string, ReadonlyArray<Call>> = {}
for (const [name, operation] of Object.entries(operations)) {
  await operation()
  await operation()
  traces[name] = calls
  figures[name] = figuresOf(calls)
}

const sizes = measure()
if (process.argv.includes("--json")) {
  console.log(JSON.stringify({ figures, sizes }))
} else {
  for (const [operation, found] of Object.entries(figures)) console.table({ [operation]: found, ...known[operation] })
  const { circles, codeLinesOfHeart, factsOfRequests, largestFile, largestFunction, madeRequests, metRequests } = sizes
  console.log(`the heart of core: ${codeLinesOfHeart} lines of code; before ${heart.before}, wanted ${heart.wanted}`)
  console.log(`the largest file: ${largestFile.lines} lines, ${largestFile.file}; wanted less than 450`)
  console.log(
    `the largest function: ${largestFunction.lines} lines of code, ${largestFunction.file}; wanted less than 45`
  )
  console.log(`places of a request that is due: ${sizes.placesOfDueRequests.join(", ")}; before 4 kinds, wanted one`)
  console.log(`places of a request that compat puts off: ${sizes.placesOfPutOffRequests.join(", ")}`)
  console.log(`facts of a request: ${factsOfRequests.join(", ")}`)
  console.log(`what others know of a request that they have made: ${madeRequests.join(", ")}`)
  console.log(`what others know of a request that they have met: ${metRequests.join(", ")}`)
  console.log(`files in circles: ${circles.atRunTime.length} at run time, with types ${circles.withTypes.length}`)
  for (const [name, trace] of Object.entries(process.argv.includes("--calls") ? traces : {})) {
    console.log(`\n${name}`)
    for (const { file, name } of trace) console.log(`  ${file.padEnd(48)} ${name}`)
  }
}
