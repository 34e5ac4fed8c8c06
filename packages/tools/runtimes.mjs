// Runs smoke.mjs with the built packages on every runtime we support.
import { fileURLToPath } from "node:url"
import { runOn, runtimes } from "./eachRuntime.mjs"

const smoke = fileURLToPath(new URL("smoke.mjs", import.meta.url))

let failed = 0
for (const runtime of runtimes) {
  const { status, stderr, stdout } = await runOn(runtime, smoke)
  const ok = status === 0
  if (!ok) failed += 1
  console.log(`${ok ? "ok    " : "FAILED"} ${runtime.package.padEnd(24)} ${stdout.trim()}`)
  if (!ok) console.error(stderr)
}
process.exitCode = failed === 0 ? 0 : 1
