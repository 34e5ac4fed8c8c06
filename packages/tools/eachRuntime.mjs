// The runtimes we support beside the browsers, each taken from npm for the occasion.
import { spawn } from "node:child_process"

const platform = { linux: "linux", darwin: "darwin", win32: "win" }[process.platform]

/** @typedef {{ name: import("./testRunner/host.ts").RuntimeName, package: string, command: string[] }} Runtime */

/** @returns {Runtime} */
const node = (version) => ({
  name: /** @type {Runtime["name"]} */ (`node ${version.split(".")[0]}`),
  package: `node-${platform}-${process.arch}@${version}`,
  command: ["node"]
})

/** @type {ReadonlyArray<Runtime>} */
export const runtimes = [
  node("20.20.2"),
  node("22.23.3"),
  node("24.21.0"),
  node("26.10.0"),
  { name: "bun", package: "bun@1.4.5", command: ["bun"] },
  // Reads node_modules as pnpm made it; fetches and writes nothing.
  {
    name: "deno",
    package: "deno@2.9.6",
    command: ["deno", "run", "--allow-all", "--node-modules-dir=manual", "--no-lock"]
  }
]

/**
 * Runs a program on a runtime to its end. What it prints goes to `write` as it comes, and is returned.
 *
 * @param {Runtime} runtime
 * @param {string} program
 * @param {(text: string) => void} write
 * @returns {Promise<{ status: number | null, stdout: string, stderr: string }>}
 */
export const runOn = (runtime, program, write = () => {}) =>
  new Promise((resolve, reject) => {
    const child = spawn(
      "npx",
      [
        "--yes",
        "--prefer-offline",
        "--loglevel=error",
        `--package=${runtime.package}`,
        "--",
        ...runtime.command,
        program
      ],
      { stdio: ["ignore", "pipe", "pipe"], shell: process.platform === "win32" }
    )
    const printed = { stdout: "", stderr: "" }
    for (const name of /** @type {const} */ (["stdout", "stderr"])) {
      child[name].setEncoding("utf8").on("data", (text) => {
        printed[name] += text
        write(text)
      })
    }
    child.on("error", reject)
    child.on("close", (status) => resolve({ status, ...printed }))
  })
