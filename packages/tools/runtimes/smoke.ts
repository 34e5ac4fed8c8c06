// Runs smokeImport.mjs, smokeRequire.cjs and smokeInspect.mjs with the built packages on every runtime we support.
import { fileURLToPath } from "node:url"
import { runOn, runtimes } from "./runtimes.ts"

const programs = ["smokeImport.mjs", "smokeRequire.cjs", "smokeInspect.mjs"].map((name) =>
  fileURLToPath(new URL(name, import.meta.url))
)

let failed = 0
for (const runtime of runtimes) {
  for (const program of programs) {
    const { status, stderr, stdout } = await runOn(runtime, program)
    const ok = status === 0
    if (!ok) failed += 1
    console.log(`${ok ? "ok    " : "FAILED"} ${runtime.package.padEnd(24)} ${stdout.trim()}`)
    if (!ok) console.error(stderr)
  }
}
process.exitCode = failed === 0 ? 0 : 1
