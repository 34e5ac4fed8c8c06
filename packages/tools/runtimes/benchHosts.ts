// `npm run dev -- bench:hosts`: the hottest workloads of core and compat on Node.js, Bun, Deno and in Chromium, each in a process of its
// own. `--save` keeps the figures for `npm run dev -- bench:docs`.
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { cpus, totalmem } from "node:os"
import { join } from "node:path"
import { type Plugin, rolldown } from "rolldown"
import { root } from "../repository.ts"
import { launchChromium, missingChromium } from "./chromium.ts"
import { runOn, runtimes } from "./runtimes.ts"
import { forBrowsers } from "./testRunner/bundle.ts"

const folder = join(root, "packages/tools/dist/benchmarks")

// A host has no package.json to read versions from.
const withoutVersions: Plugin = {
  name: "without-versions",
  load: (id) =>
    /benchmarks[\\/]src[\\/]versions\.ts$/.test(id)
      ? `export const versionOf = () => ""; export const machine = () => undefined`
      : undefined
}

const build = async (name: string, browser: boolean): Promise<string> => {
  const bundle = await rolldown({
    input: { [name]: join(root, "packages/benchmarks/src/hostProgram.ts") },
    cwd: root,
    platform: browser ? "browser" : "node",
    tsconfig: false,
    resolve: { conditionNames: ["@effect-asyncio/source", "import", "default"] },
    transform: { target: "es2022" },
    treeshake: { moduleSideEffects: [{ test: /hostProgram/, sideEffects: true }] },
    plugins: [withoutVersions, ...(browser ? [forBrowsers] : [])]
  })
  await bundle.write({ dir: folder, format: "esm", entryFileNames: "[name].mjs", keepNames: true, minify: false })
  await bundle.close()
  return join(folder, `${name}.mjs`)
}

const libraries = ["core", "compat"]

const onPage = async (library: string): Promise<unknown> => {
  if (missingChromium !== undefined) return `there is no browser at ${missingChromium}`
  const program = await build("page", true)
  const browser = await launchChromium()
  try {
    const page = await browser.newPage()
    const origin = "http://localhost"
    await page.route("**/*", (route) => {
      const { pathname } = new URL(route.request().url())
      if (pathname === "/") return route.fulfill({ contentType: "text/html", body: "<!doctype html><title>.</title>" })
      const file = join(folder, pathname)
      return route.fulfill({ contentType: "text/javascript", body: readFileSync(existsSync(file) ? file : program) })
    })
    await page.goto(`${origin}/`)
    return await page.evaluate(async ([url, library]) => (await import(url)).measureHost(library) as unknown, [
      `${origin}/page.mjs`,
      library
    ] as const)
  } finally {
    await browser.close()
  }
}

rmSync(folder, { recursive: true, force: true })
const program = await build("hosts", false)
const figures: Record<string, Record<string, unknown>> = {}
for (const library of libraries) {
  const row: Record<string, unknown> = {}
  for (const runtime of runtimes.filter(({ name }) => /^(node 2[04]|bun|deno)$/.test(name))) {
    const { status, stderr, stdout } = await runOn(runtime, program, () => {}, [library])
    row[runtime.name] = status === 0 ? JSON.parse(stdout.trim().split("\n").at(-1) ?? "") : stderr.trim().split("\n")[0]
  }
  row["chromium"] = await onPage(library).catch((error: unknown) => (error as Error).message.split("\n")[0])
  figures[library] = row
}

const record = {
  machine: {
    node: process.version,
    v8: process.versions.v8,
    platform: `${process.platform} ${process.arch}`,
    cpu: cpus()[0]?.model ?? "unknown",
    cores: cpus().length,
    gigabytes: Math.round(totalmem() / 2 ** 30)
  },
  measured: new Date().toISOString().slice(0, 10),
  versions: Object.fromEntries(
    runtimes
      .filter(({ name }) => name in (figures["core"] ?? {}))
      .map((runtime) => [runtime.name, { [runtime.name]: runtime.package.split("@").at(-1) ?? "" }])
  ),
  figures
}
const digits = (_: string, value: unknown): unknown =>
  typeof value === "number" && !Number.isInteger(value) ? Number(value.toPrecision(4)) : value
const text = `${JSON.stringify(record, digits, 2)}\n`
console.log(text)
if (process.argv.includes("--save")) writeFileSync(join(root, "packages/benchmarks/results/hosts.json"), text)
