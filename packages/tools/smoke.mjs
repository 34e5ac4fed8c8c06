// What must work on every runtime, with the packages as they are built. Placeholder: only that they load.
import * as compat from "@effect-asyncio/compat"
import * as core from "@effect-asyncio/core"

if (Object.keys(core).length === 0) throw new Error("core exports nothing")

const { versions } = process
const runtime = versions.deno
  ? `Deno ${versions.deno}`
  : versions.bun
    ? `Bun ${versions.bun}`
    : `Node.js ${versions.node}`
console.log(`${runtime}: ${Object.keys(core).length} exports of core, ${Object.keys(compat).length} of compat`)
