import { execFileSync } from "node:child_process"
import * as nodeModule from "node:module"
import { fileURLToPath } from "node:url"
import { assert, describe, it } from "vitest"

const script = fileURLToPath(new URL("../src/modulesOf.ts", import.meta.url))
const flags = ["--conditions=@effect-asyncio/source", "--disable-warning=ExperimentalWarning"]

const modulesOf = (specifier: string): Array<string> =>
  JSON.parse(execFileSync(process.execPath, [...flags, script, specifier], { encoding: "utf8" })) as Array<string>

// Node.js 22.15 and 23.5 have the hooks.
describe.skipIf(!("registerHooks" in nodeModule))("importing", () => {
  for (const specifier of ["@effect-asyncio/core", "@effect-asyncio/compat"]) {
    it(`${specifier} loads none of Effect's streams, which hardly a program uses`, { timeout: 60_000 }, () => {
      const modules = modulesOf(specifier)

      assert.include(modules, "effect/dist/Effect.js")
      assert.notIncludeMembers(modules, ["effect/dist/Stream.js"])
      assert.notIncludeMembers(modules, ["effect/dist/Channel.js"])
    })
  }
})
