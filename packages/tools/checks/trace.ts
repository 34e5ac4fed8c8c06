// `npm run dev -- trace`: what is called when a task is created, awaited and cancelled. `--calls` prints each call, `--json` the
// figures alone.
import { measure } from "./measures.ts"
import { beginRecording, type Call, endRecording, type Figures, figuresOf, noteCalls } from "./callTrace.ts"

noteCalls()

/** The cancellation of a sleeping task elsewhere, as a review has traced it. */
const elsewhere: Readonly<Record<string, Omit<Figures, "folders" | "nouns" | "verbs">>> = {
  "CPython, cancel()": { calls: 10, functions: 10, files: 4, moves: 4, back: 1 },
  "trio, cancel_scope.cancel()": { calls: 22, functions: 16, files: 3, moves: 4, back: 2 },
  "Effect 4, interruptUnsafe()": { calls: 53, functions: 33, files: 4, moves: 20, back: 17 },
  "effection 4, halt() to its end": { calls: 163, functions: 59, files: 17, moves: 113, back: 97 }
}

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

if (process.argv.includes("--json")) {
  console.log(JSON.stringify({ ...figures, sizes: measure() }))
} else {
  console.table({ ...elsewhere, ...figures })
  const { circles, codeLinesOfHeart, factsOfRequests, largestFile, largestFunction, metRequests, placesOfDueRequests } =
    measure()
  console.log(`the heart of core: ${codeLinesOfHeart} lines of code`)
  console.log(`the largest file: ${largestFile.lines} lines, ${largestFile.file}`)
  console.log(`the largest function: ${largestFunction.lines} lines of code, ${largestFunction.file}`)
  console.log(`places of a request that is due: ${placesOfDueRequests.join(", ")}`)
  console.log(`facts of a request: ${factsOfRequests.join(", ")}`)
  console.log(`what others know of a request that they have met: ${metRequests.join(", ")}`)
  console.log(`files in circles: ${circles.atRunTime.length} at run time, with types ${circles.withTypes.length}`)
  for (const [name, trace] of Object.entries(process.argv.includes("--calls") ? traces : {})) {
    console.log(`\n${name}`)
    for (const { file, name } of trace) console.log(`  ${file.padEnd(48)} ${name}`)
  }
}
