// The runtimes we support beside the browsers, each taken from npm for the occasion.
import { spawn } from "node:child_process"
import type { RuntimeName } from "./testRunner/host.ts"

export interface Runtime {
  readonly name: RuntimeName
  /** On npm. */
  readonly package: string
  readonly command: ReadonlyArray<string>
}

const platform = process.platform === "win32" ? "win" : process.platform

const node = (version: string): Runtime => ({
  name: `node ${version.split(".")[0]}` as RuntimeName,
  package: `node-${platform}-${process.arch}@${version}`,
  command: ["node"]
})

export const runtimes: ReadonlyArray<Runtime> = [
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

/** Runs a program on a runtime to its end. What it prints goes to `write` as it comes, and is returned. */
export const runOn = (
  runtime: Runtime,
  program: string,
  write: (text: string) => void = () => {},
  args: ReadonlyArray<string> = []
): Promise<{ readonly status: number | null; readonly stdout: string; readonly stderr: string }> =>
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
        program,
        ...args
      ],
      { stdio: ["ignore", "pipe", "pipe"], shell: process.platform === "win32" }
    )
    const printed = { stdout: "", stderr: "" }
    for (const name of ["stdout", "stderr"] as const) {
      child[name].setEncoding("utf8").on("data", (text: string) => {
        printed[name] += text
        write(text)
      })
    }
    child.on("error", reject)
    child.on("close", (status) => resolve({ status, ...printed }))
  })
