// The program in a bundle of test files: runs them all, and prints how each went and how many tests passed.
import files from "virtual:test-files"
import { process, runtime } from "./host.ts"
import { runFile } from "./runner.ts"
import { skipsOf } from "./skips.ts"

/** An error with its stack, and what an assertion compared. */
const inDetail = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error)
  const { stack = "" } = error
  // Only V8 begins the stack with the error's name and message.
  const text = stack.includes(error.message) ? stack : `${String(error)}\n${stack}`
  const { actual, expected } = error as { readonly actual?: unknown; readonly expected?: unknown }
  if (actual === undefined && expected === undefined) return text
  const show = (value: unknown): string => {
    try {
      return JSON.stringify(value, undefined, 2)
    } catch {
      return String(value)
    }
  }
  return `${text}\nactual: ${show(actual)}\nexpected: ${show(expected)}`
}

const indented = (text: string): string => text.replaceAll(/^/gm, "    ")

const main = async (): Promise<boolean> => {
  const total = { passed: 0, failed: 0, skipped: 0, files: 0 }
  for (const [file, load] of files) {
    const skips = skipsOf(file, runtime)
    if (skips.wholeFile) {
      total.files += 1
      console.log(`skip   ${file}`)
      continue
    }
    const { failures, passed, skipped } = await runFile(load, skips.reason)
    for (const name of skips.unused()) {
      failures.push({ name, error: "is to be skipped, says skips.ts, but there is no such test" })
    }
    total.passed += passed
    total.failed += failures.length
    total.skipped += skipped
    const counts = [
      `${passed} passed`,
      failures.length > 0 && `${failures.length} failed`,
      skipped && `${skipped} skipped`
    ]
    console.log(`${failures.length > 0 ? "FAILED" : "ok    "} ${file}: ${counts.filter(Boolean).join(", ")}`)
    for (const { error, name } of failures) console.log(`  ${name}\n${indented(inDetail(error))}`)
  }
  const leftOut = total.files === 0 ? "" : `, and ${total.files} files left out`
  console.log(`${runtime}: ${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped${leftOut}`)
  return total.failed === 0
}

const ok = await main()

// A test may leave something behind that would keep the process alive.
process?.exit(ok ? 0 : 1)

export default ok
