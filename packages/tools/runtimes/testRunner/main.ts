// The program in a bundle of test files: runs them all, and prints how each went and how many tests passed.
import files from "virtual:test-files"
import { process, runtime } from "./host.ts"
import { runFile } from "./runner.ts"
import { skipsOf } from "./skips.ts"

const json = (value: unknown): string => {
  try {
    return JSON.stringify(value, undefined, 2)
  } catch {
    return String(value)
  }
}

/** An error with its stack, and what an assertion compared. */
const inDetail = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error)
  const { stack = "" } = error
  // Only V8 begins the stack with the error's name and message.
  const text = stack.includes(error.message) ? stack : `${String(error)}\n${stack}`
  const { actual, expected } = error as { readonly actual?: unknown; readonly expected?: unknown }
  if (actual === undefined && expected === undefined) return text
  return `${text}\nactual: ${json(actual)}\nexpected: ${json(expected)}`
}

const indented = (text: string): string => text.replaceAll(/^/gm, "    ")

/** Runs a file, prints how that went, and gives the names of its tests. */
const runAndPrint = async (file: string, load: () => Promise<unknown>) => {
  const skips = skipsOf(file, runtime)
  if (skips.wholeFile) {
    console.log(`skip   ${file}`)
    return { file, passed: [], skipped: [], failures: [], leftOut: true }
  }
  const { failures, passed, skipped } = await runFile(load, (name) => skips.reason(name))
  for (const name of skips.unused()) {
    failures.push({ name, error: "is to be skipped, says the table, but there is no such test" })
  }
  const counts = [`${passed.length} passed`]
  if (failures.length > 0) counts.push(`${failures.length} failed`)
  if (skipped.length > 0) counts.push(`${skipped.length} skipped`)
  console.log(`${failures.length > 0 ? "FAILED" : "ok    "} ${file}: ${counts.join(", ")}`)
  const detailed = failures.map(({ error, name, unhandled }) => ({
    name,
    text: unhandled === true ? `nobody handled, while it ran:\n${inDetail(error)}` : inDetail(error)
  }))
  for (const { name, text } of detailed) console.log(`  ${name}\n${indented(text)}`)
  return { file, passed, skipped, failures: detailed, leftOut: false }
}

const results: Array<Awaited<ReturnType<typeof runAndPrint>>> = []
for (const [file, load] of files) results.push(await runAndPrint(file, load))

const sum = (key: "passed" | "failures" | "skipped") => results.reduce((n, result) => n + result[key].length, 0)
const leftOut = results.filter((result) => result.leftOut).length
console.log(
  `${runtime}: ${sum("passed")} passed, ${sum("failures")} failed, ${sum("skipped")} skipped` +
    (leftOut === 0 ? "" : `, and ${leftOut} files left out`)
)

// A test may leave something behind that would keep the process alive.
process?.exit(sum("failures") === 0 ? 0 : 1)

export default results
