// `npm run dev -- consumers`: whether programs that use the packages, as npm will have them, compile with each TypeScript from the
// oldest that Effect allows to the newest, and run when they are bundled; and whether a first program runs with each of the packages that
// are for Node.js.
//
// Effect 4.1 itself compiles from TypeScript 5.4 on with `skipLibCheck`, and without it from 5.7 on: up to 5.6 its own types fail
// with "Type 'Uint8Array' is not generic". So of the older ones only the types of ours are checked, and of the newest all.
//
//   npm run dev -- consumers 5.4 webpack     those with such a word in their names
import { execFile } from "node:child_process"
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync
} from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { promisify } from "node:util"
import { transformSync } from "rolldown/utils"
import { root } from "../../repository.ts"
import { call, pack, unpack } from "../packing.ts"
import { bundlers } from "./bundles.ts"

const home = join(root, "packages/consumers")
const bundled = ["core", "compat"]
const programs = [...bundled, "testing"]
const expected = "Task-1: no longer needed, one 2\n"
/** What the first program with each of the packages for Node.js prints. */
const first: Readonly<Record<string, string>> = {
  server: "GET /first\nenough\n",
  mcp: '[{"type":"text","text":"called as greet"}]\n',
  cluster: "first: small a.png\n"
}
const words = process.argv.slice(2)

interface Check {
  readonly name: string
  /** What is wrong; nothing where all is well. */
  readonly run: () => Promise<ReadonlyArray<string>>
}

const execute = promisify(execFile)

const compile = (name: string, folder: string): Check => ({
  name: name.replace("-", " "),
  run: async () => {
    const typescript = join(home, "node_modules", name)
    const { version } = JSON.parse(readFileSync(join(typescript, "package.json"), "utf8"))
    if (Number.parseInt(version) < 7) {
      const { stdout } = await execute(process.execPath, [
        join(import.meta.dirname, "compileWith.ts"),
        typescript,
        folder
      ])
      return JSON.parse(stdout)
    }
    // It has no interface yet, and is fast enough to check the types of Effect as well.
    const said = []
    for (const [module, resolution] of [
      ["nodenext", "nodenext"],
      ["esnext", "bundler"]
    ] as const) {
      const config = join(folder, `tsconfig.${resolution}.json`)
      const compilerOptions = {
        strict: true,
        noEmit: true,
        target: "es2022",
        types: [],
        module,
        moduleResolution: resolution
      }
      writeFileSync(config, JSON.stringify({ compilerOptions, files: programs.map((program) => `${program}.ts`) }))
      const args = [join(typescript, "bin/tsc"), "--project", config, "--pretty", "false"]
      said.push(
        await execute(process.execPath, args, { cwd: folder }).then(
          () => "",
          (error: { readonly stdout: string }) => `${resolution}: ${error.stdout}`
        )
      )
    }
    return said.filter(Boolean)
  }
})

const bundle = (name: string, folder: string): Check => ({
  name,
  run: async () => {
    const problems = []
    for (const program of bundled) {
      const file = await bundlers[name]!(folder, program)
      const { stdout } = await execute(process.execPath, [file])
      if (stdout !== expected) problems.push(`${program} prints: ${stdout}`)
      console.log(`       ${name}, ${program}: ${Math.round(statSync(file).size / 1000)} kB`)
    }
    return problems
  }
})

const runs = (name: string, folder: string): Check => ({
  name: `first program with ${name}`,
  run: async () => {
    const { stderr, stdout } = await execute(process.execPath, [join(folder, `${name}.js`)])
    return stdout === first[name] && stderr === "" ? [] : [`it prints: ${stdout}${stderr}`]
  }
})

call("pnpm", ["install", "--dir", home, "--frozen-lockfile", "--prefer-offline"])
const folder = mkdtempSync(join(tmpdir(), "effect-asyncio-consumers-"))
try {
  mkdirSync(join(folder, "node_modules"))
  for (const name of ["effect", "@modelcontextprotocol"]) {
    symlinkSync(join(home, "node_modules", name), join(folder, "node_modules", name), "junction")
  }
  for (const name of [...programs, ...Object.keys(first)]) {
    unpack(pack(name, folder), name, folder)
    copyFileSync(join(home, "programs", `${name}.ts`), join(folder, `${name}.ts`))
    const source = readFileSync(join(folder, `${name}.ts`), "utf8")
    writeFileSync(join(folder, `${name}.js`), transformSync(`${name}.ts`, source, { lang: "ts" }).code)
  }
  writeFileSync(join(folder, "package.json"), JSON.stringify({ name: "consumer", private: true, type: "module" }))

  const { devDependencies } = JSON.parse(readFileSync(join(home, "package.json"), "utf8"))
  const compilers = Object.keys(devDependencies).filter((name) => name.startsWith("typescript-"))
  const checks = [
    ...compilers.map((name) => compile(name, folder)),
    ...Object.keys(bundlers).map((name) => bundle(name, folder)),
    ...Object.keys(first).map((name) => runs(name, folder))
  ].filter(({ name }) => words.length === 0 || words.some((word) => name.includes(word)))
  if (checks.length === 0) throw new Error(`nothing is called ${words.join(" or ")}`)

  let next = 0
  const work = async () => {
    for (let check = checks[next++]; check !== undefined; check = checks[next++]) {
      const started = performance.now()
      const problems = await check.run().catch((error: unknown) => [String(error)])
      const seconds = ((performance.now() - started) / 1000).toFixed(1)
      console.log(`${problems.length === 0 ? "ok    " : "FAILED"} ${check.name} (${seconds} s)`)
      for (const problem of problems) console.error(`       ${problem}`)
      if (problems.length > 0) process.exitCode = 1
    }
  }
  await Promise.all([work(), work()])
} finally {
  rmSync(folder, { recursive: true, force: true })
}
