// Takes guards of core and compat away, one at a time, in a copy, and runs their tests. Every guard must be missed by a test,
// whose name is printed. Exits with 1 when one is not. Those with a reason why no test can miss them are printed with it.
//
//   npm run mutations                  all of them
//   npm run mutations -- fiberScope    those in files with such words in their names
//   npm run mutations -- --slice 3/8   the third eighth
//   npm run mutations -- --from 1000   the same ones, those first that are from the thousandth on, counted round and round
//   npm run mutations -- --new         those of which is not known yet which test misses them
//   npm run mutations -- --known       those of which it is known
//   npm run mutations -- --quick       without the test files that take seconds
//   npm run mutations -- --save        writes down which test file misses which guard
//   npm run mutations -- --jobs 1      so many at the same time; as many as there are processors, if nothing else is said
//   npm run mutations -- --seconds 60  begins no further one after that time
//
// The file that missed a guard the last time (mutations.json) is run first, and alone: most guards take two seconds and not a
// minute. Then all others, the likely ones first; where many guards are new, a first run finds out which test files reach which of
// them, and only those are run. What is new is written at once with --save, so that a run that is stopped was not for nothing.
// How busy the machine is does not matter: mutationVerdict.ts says when a test misses a guard.
import { existsSync, globSync, readFileSync, writeFileSync } from "node:fs"
import { stripTypeScriptTypes } from "node:module"
import { availableParallelism } from "node:os"
import { basename, join } from "node:path"
import { parseArgs } from "node:util"
import { root } from "../repository.ts"
import { noSlice, sliceOf, startingAt } from "../slice.ts"
import { Copy } from "./mutationCopy.ts"
import { keyOf, misplaced, type Mutation, mutations, pathsOf } from "./mutationList.ts"
import { noted } from "./mutationReach.ts"
import { type Failure, firstMiss, type Passing, type RunTests } from "./mutationVerdict.ts"

const record = new URL("mutations.json", import.meta.url)
const packages = new URL("../../", import.meta.url)

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    slice: { type: "string" },
    from: { type: "string" },
    new: { type: "boolean" },
    known: { type: "boolean" },
    quick: { type: "boolean" },
    save: { type: "boolean" },
    jobs: { type: "string" },
    seconds: { type: "string" }
  }
})

const refuse = (message: string): never => {
  console.error(message)
  process.exit(2)
}

const wrong = misplaced(packages)
if (wrong.length > 0) {
  for (const [file, guard] of wrong) console.log(`${file} has not exactly one of: ${guard}`)
  process.exit(1)
}

/** Which test file missed a guard the last time: with a test that failed, or with one that ran out of time twice. */
const {
  failed,
  late
}: Record<"failed" | "late", Record<string, string>> = existsSync(record)
  ? JSON.parse(readFileSync(record, "utf8"))
  : { failed: {}, late: {} }

const missedBy = (mutation: Mutation): string | undefined => failed[keyOf(mutation)] ?? late[keyOf(mutation)]

const note = (mutation: Mutation, failure: Failure | undefined): void => {
  const key = keyOf(mutation)
  delete failed[key]
  delete late[key]
  if (failure?.file !== undefined) (failure.isSure ? failed : late)[key] = failure.file
}

const chosen = (() => {
  let named = mutations.filter(([file]) => positionals.length === 0 || positionals.some((word) => file.includes(word)))
  if (named.length === 0) refuse(`No guard stands in a file with "${positionals.join('" or "')}" in its name.`)
  for (const [file, guard, , why] of named)
    if (why !== undefined) console.log(`not tried: ${file}: ${guard}\n         ${why}`)
  named = named.filter(([, , , why]) => why === undefined)
  if (values.new) named = named.filter((mutation) => missedBy(mutation) === undefined)
  if (values.known) named = named.filter((mutation) => missedBy(mutation) !== undefined)
  if (values.slice !== undefined) named = [...(sliceOf(values.slice)?.(named) ?? refuse(noSlice(values.slice)))]
  if (!/^\d+$/.test(values.from ?? "0")) refuse("--from wants a number.")
  return startingAt(Number(values.from ?? 0), named)
})()

// With fewer new guards it is quicker to run all test files for each.
const many = 10

// These test what no guard is for: that much runs fast, and the examples.
const left = /[\\/](scale|docstrings)\.test\.ts$/
// Each of these takes seconds, all others together twenty.
const slow =
  /[\\/](towers|towersInside|givenUp|deadlocks|toThread|toThreadPool|fairness|leak|stopSignals|unawaited|neverReported)\.test\.ts$/
const testFiles = globSync("packages/{core,compat}/test/**/*.test.ts", { cwd: root })
  .map((file) => file.replaceAll("\\", "/"))
  .filter((file) => !left.test(file))
  .toSorted()

// Which folders of tests look at which rooms of the sources, and first of all.
const foldersFor: Record<string, ReadonlyArray<string>> = {
  data: ["loops", "sync", "futures", "inspection", "mistakes"],
  host: ["loops", "testing", "variables", "performance"],
  model: ["mistakes", "inspection", "reports", "variables"],
  loop: ["loops", "reports"],
  task: ["cancellation", "tasks", "futures", "performance"],
  make: ["tasks", "loops"],
  sync: ["sync"],
  combine: ["groupsAndTimeouts", "waiting", "threads"],
  run: ["loops", "mistakes"],
  leaks: ["inspection"]
}

/** How likely it is that a test file misses a guard: first those with low numbers. */
const distance = (test: string, path: string, others: ReadonlySet<string | undefined>): number => {
  if (others.has(test)) return 0
  if (basename(test).toLowerCase().includes(basename(path, ".ts").toLowerCase())) return 1
  const [, ofTest, , folder] = test.split("/")
  if (!path.startsWith(`${ofTest}/`)) return 4
  return foldersFor[path.split("/")[3] ?? ""]?.includes(folder ?? "") === true ? 2 : 3
}

/** The test files that reach a guard, and the milliseconds each of them takes; undefined where that was not looked for. */
const reachedBy = new Map<Mutation, ReadonlyMap<string, number>>()

// What a test starts as a program of its own, or on a thread, notes nothing. And what is tried out once, as the insides of Effect are,
// is noted for the first test file alone, and not for the one that looks at what came of it.
const notesLess = new Set(
  testFiles.filter((file) => /child_process|worker_threads|fastPaths/.test(readFileSync(join(root, file), "utf8")))
)

/** Finds out which test files reach these guards. */
const findReached = async (copy: Copy, guards: ReadonlyArray<Mutation>): Promise<void> => {
  const numbered = guards.map((mutation, number) => [pathsOf(packages, mutation[0])[0]!, number] as const)
  const always = new Set<number>()
  const texts = [...new Set(numbered.map(([path]) => path))].map((path) => {
    const here = numbered.filter(([other]) => other === path).map(([, number]) => [number, guards[number]![1]] as const)
    const text = noted(readFileSync(new URL(path, packages), "utf8"), here)
    for (const number of text.always) always.add(number)
    return [path, text.source] as const
  })
  const found = await copy.reached(texts, testFiles)
  for (const [index, mutation] of guards.entries()) {
    const those = found.filter(
      ({ file, reached }) => always.has(index) || notesLess.has(file) || reached.includes(index)
    )
    reachedBy.set(mutation, new Map(those.map(({ file, took }) => [file, took])))
  }
}

/** The stages in which test files are run for a guard. */
const stagesFor = (mutation: Mutation): ReadonlyArray<ReadonlyArray<string>> => {
  const known = missedBy(mutation)
  const path = pathsOf(packages, mutation[0])[0]!
  const same = mutations.filter((other) => pathsOf(packages, other[0])[0] === path)
  const others = new Set(same.map((other) => missedBy(other)))
  const reached = reachedBy.get(mutation)
  // What stands in compat no test of core knows.
  const may = (test: string) => reached?.has(test) ?? (test.includes("/compat/") || path.startsWith("core/"))
  const timeOf = (test: string) => reached?.get(test) ?? 0
  const isSlow = (test: string) => slow.test(test) || timeOf(test) > 1000
  const sorted = testFiles
    .filter((test) => test !== known && may(test))
    .toSorted((a, b) => distance(a, path, others) - distance(b, path, others) || timeOf(a) - timeOf(b))
  const first = testFiles.filter((test) => test === known)
  const short = sorted.filter((test) => !isSlow(test))
  return values.quick ? [first, short] : [first, short, sorted.filter(isSlow)]
}

const save = (): void => {
  const keys = mutations.map(keyOf)
  const kept = (known: Record<string, string>) =>
    Object.fromEntries(keys.flatMap((key) => (known[key] === undefined ? [] : [[key, known[key]]])))
  writeFileSync(record, `${JSON.stringify({ failed: kept(failed), late: kept(late) }, null, 2)}\n`)
}

// Begins anew when the tests have passed with all guards: on a busy machine that alone can take as long.
let start = performance.now()
const secondsGone = (): number => (performance.now() - start) / 1000
const secondsGiven = Number(values.seconds ?? Infinity)
const jobs = Math.min(Number(values.jobs ?? availableParallelism()), Math.max(chosen.length, 1))
if (!(jobs >= 1) || !(secondsGiven > 0)) refuse("--jobs and --seconds want a number.")

const mutated = ([, guard, rest]: Mutation, source: string): string => source.replace(guard, () => rest)

// What is no program any more would be missed by every test.
for (const mutation of chosen) {
  const [path] = pathsOf(packages, mutation[0])
  try {
    stripTypeScriptTypes(mutated(mutation, readFileSync(new URL(path!, packages), "utf8")))
  } catch {
    refuse(`${mutation[0]} cannot be read any more without: ${mutation[1]}`)
  }
}

const copies = Array.from({ length: jobs }, () => new Copy())
const removeAll = (): void => copies.forEach((copy) => copy.remove())
process.on("exit", removeAll)
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => process.exit(130))

// Where only some guards will be tried, a file is tried with all guards when it has missed one (mutationVerdict.ts).
const files = new Set(secondsGiven < Infinity ? [] : chosen.flatMap((mutation) => missedBy(mutation) ?? []))
const known = testFiles.filter((file) => files.has(file))
if (known.length > 0) {
  const { failure: unharmed } = await copies[0]!.run(known, 60_000)
  if (unharmed !== undefined) {
    console.error(`the tests fail with all guards: ${unharmed.file ?? ""} ${unharmed.name}`)
    process.exit(1)
  }
}
const passing: Passing = new Set(known)

start = performance.now()

const unknown = chosen.filter((mutation) => missedBy(mutation) === undefined)
if (unknown.length >= many) await findReached(copies[0]!, unknown)

const waiting = [...chosen]
const survivors: Array<Mutation> = []
let tried = 0
let lately = 0

const work = async (copy: Copy): Promise<void> => {
  for (;;) {
    const mutation = secondsGone() < secondsGiven ? waiting.shift() : undefined
    if (mutation === undefined) return
    const [file, guard] = mutation
    const begun = performance.now()
    const path = pathsOf(packages, file)[0]!
    const withoutGuard: RunTests = (files, limit) =>
      copy.changed(
        path,
        (source) => mutated(mutation, source),
        () => copy.run(files, limit)
      )
    const failure = await firstMiss(
      stagesFor(mutation),
      (files, limit) => copy.run(files, limit),
      withoutGuard,
      passing
    )
    tried++
    if (failure === undefined) survivors.push(mutation)
    else if (!failure.isSure) lately++
    // Without the test files that take seconds it is not known that none misses it.
    if (failure !== undefined || !values.quick) note(mutation, failure)
    if (values.save) save()
    const verdict = failure === undefined ? "SURVIVES" : failure.isSure ? "caught  " : "in time "
    const seconds = ((performance.now() - begun) / 1000).toFixed(0)
    const by = failure === undefined ? "" : `\n         by ${failure.file ?? ""}: ${failure.name.split("\n")[0]}`
    console.log(`${tried}/${chosen.length} ${verdict} ${seconds} s  ${file}: ${guard.split("\n")[0]}${by}`)
  }
}

try {
  await Promise.all(copies.map(work))
} catch (error) {
  refuse((error as Error).message)
}
if (values.save) save()

const minutes = (secondsGone() / 60).toFixed(1)
const untried = tried < chosen.length ? `; ${chosen.length - tried} were not tried` : ""
const of = `${tried - survivors.length} of ${tried} guards are missed by a test`
console.log(`${of}, ${lately} of them by one that hangs or ends early, in ${minutes} minutes${untried}`)
for (const [file, guard] of survivors) console.log(`nothing misses ${file}: ${guard}`)
process.exitCode = survivors.length === 0 ? 0 : 1
