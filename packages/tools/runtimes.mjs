// Runs smoke.mjs with the built packages on every runtime we support, each taken from npm for the occasion.
import { spawnSync } from "node:child_process"
import { fileURLToPath } from "node:url"

const smoke = fileURLToPath(new URL("smoke.mjs", import.meta.url))
const platform = { linux: "linux", darwin: "darwin", win32: "win" }[process.platform]

const node = (version) => ({ package: `node-${platform}-${process.arch}@${version}`, command: ["node"] })
const runtimes = [
  node("20.20.2"),
  node("22.23.3"),
  node("24.21.0"),
  node("26.10.0"),
  { package: "bun@1.4.5", command: ["bun"] },
  // Reads node_modules as pnpm made it; fetches and writes nothing.
  { package: "deno@2.9.6", command: ["deno", "run", "--allow-all", "--node-modules-dir=manual", "--no-lock"] }
]

let failed = 0
for (const runtime of runtimes) {
  const result = spawnSync(
    "npx",
    ["--yes", "--prefer-offline", "--loglevel=error", `--package=${runtime.package}`, "--", ...runtime.command, smoke],
    { encoding: "utf8", shell: process.platform === "win32" }
  )
  const ok = result.status === 0
  if (!ok) failed += 1
  console.log(`${ok ? "ok    " : "FAILED"} ${runtime.package.padEnd(24)} ${result.stdout.trim()}`)
  if (!ok) console.error(result.stderr)
}
process.exitCode = failed === 0 ? 0 : 1
