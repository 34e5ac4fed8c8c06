import { spawn } from "node:child_process"
import { once } from "node:events"
import { fileURLToPath } from "node:url"
import { assert, describe, it } from "vitest"

const service = fileURLToPath(new URL("../programs/service.ts", import.meta.url))

/** What a service of a package prints, and ends with, that is sent a signal when it is ready. */
const stopped = async (library: string, signal: "SIGTERM" | "SIGINT") => {
  const child = spawn(process.execPath, ["--no-warnings", "--conditions=@effect-asyncio/source", service, library])
  let printed = ""
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    printed += text
    if (text.includes("ready")) child.kill(signal)
  })
  const [status] = (await once(child, "close")) as [number | null]
  return [printed.trim().split("\n").at(-1), status]
}

describe.skipIf(process.platform === "win32")("a process that a container stops", () => {
  it("cleans up, and ends with the status of the signal", { timeout: 60_000 }, async () => {
    const ends = await Promise.all([
      stopped("core", "SIGTERM"),
      stopped("compat", "SIGTERM"),
      stopped("core", "SIGINT")
    ])

    assert.deepStrictEqual(ends, [
      ["connections closed", 143],
      ["connections closed", 143],
      ["connections closed", 130]
    ])
  })
})
