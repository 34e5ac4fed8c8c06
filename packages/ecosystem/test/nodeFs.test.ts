import { createReadStream } from "node:fs"
import { mkdtemp, readFile, rm, watch, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { afterAll, beforeAll } from "vitest"
import { localWays } from "./support/clients.ts"

const library = "node:fs"

let folder = ""
let files = 0
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "ecosystem-fs-"))
})
afterAll(() => rm(folder, { recursive: true }))

/** Comes to no end, and takes its time, so that little of it is kept. */
const endless = process.platform === "linux" ? undefined : "there is no file without an end here"

localWays({ library, operation: "for await (… of watch(path, { signal }))" }, async (signal) => {
  for await (const _ of watch(folder, { signal })) continue
})

localWays({ library, operation: "readFile(path, { signal })" }, (signal) => readFile("/dev/zero", { signal }), {
  skip: endless,
  atOnce: 2,
  rounds: 100
})

localWays(
  { library, operation: "for await (… of createReadStream(…))" },
  async (signal) => {
    for await (const _ of createReadStream("/dev/zero", { signal })) await sleep(1)
  },
  { skip: endless, rounds: 400 }
)

localWays(
  { library, operation: "writeFile(path, iterable, { signal })" },
  (signal) => {
    const drops = async function* () {
      for (;;) {
        await sleep(1)
        yield "drop"
      }
    }
    return writeFile(join(folder, `${++files}`), drops(), { signal })
  },
  { rounds: 400 }
)
