// When a test misses a guard. A test that fails does, if its file passes with the guard. One that only ran out of time says little on
// a machine that does other things as well, and so does an error outside of the tests: alone, it has to pass with the guard, right
// then, and to fail once more without it, although it now has many times the time that it took.

/** The first test that fails, and its file, if it is known, as `packages/core/test/...`. */
export interface Failure {
  /** How it fails. */
  readonly name: string
  /** Its name, if it is known. */
  readonly test: string | undefined
  readonly file: string | undefined
  /** Whether it is a test that failed, and not for want of time. */
  readonly isSure: boolean
}

/** What running tests has shown. */
export interface Outcome {
  readonly failure: Failure | undefined
  /** The milliseconds of the test that took longest. */
  readonly longest: number
}

/** Runs test files in this order until one fails, or one test of them; each may take `limit` milliseconds. */
export type RunTests = (files: ReadonlyArray<string>, limit: number, test?: string) => Promise<Outcome>

/** The milliseconds that a test may take at first. Those who hang are found in that time; who is slow gets more. */
export const firstLimit = 10_000

// With the guard it has as long as the tests have otherwise.
const limitWithGuard = 60_000
// The second time it has this at least, and so many times as long as it took with the guard.
const secondLimit = 20_000
const patience = 20

const lookAgain = async (
  file: string,
  test: string | undefined,
  withGuard: RunTests,
  withoutGuard: RunTests
): Promise<Failure | undefined> => {
  const { failure, longest } = await withGuard([file], limitWithGuard, test)
  if (failure !== undefined) return undefined
  return (await withoutGuard([file], Math.max(secondLimit, patience * longest), test)).failure
}

/** Files of which is known that they pass with all guards. */
export type Passing = Set<string>

/** Fails where a file fails with all guards as well: such a one would miss every guard. */
const mustPass = async (file: string, withGuard: RunTests, passing: Passing): Promise<void> => {
  if (passing.has(file)) return
  const { failure } = await withGuard([file], limitWithGuard)
  if (failure !== undefined) throw new Error(`the tests fail with all guards: ${file} ${failure.name}`)
  passing.add(file)
}

/** The first test that misses a guard, of files that are run in stages. Rejects where a file that fails does so with the guard too. */
export const firstMiss = async (
  stages: ReadonlyArray<ReadonlyArray<string>>,
  withGuard: RunTests,
  withoutGuard: RunTests,
  passing: Passing
): Promise<Failure | undefined> => {
  for (const stage of stages) {
    let files = stage
    while (files.length > 0) {
      const { failure } = await withoutGuard(files, firstLimit)
      if (failure === undefined) break
      if (failure.isSure) {
        await mustPass(failure.file!, withGuard, passing)
        return failure
      }
      const suspect = failure.file ?? files[0]!
      const again = await lookAgain(suspect, failure.test, withGuard, withoutGuard)
      if (again !== undefined) return { ...again, file: suspect }
      files = files.slice(files.indexOf(suspect) + 1)
    }
  }
  return undefined
}
