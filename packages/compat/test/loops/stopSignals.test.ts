import { spawn } from "node:child_process"
import { once } from "node:events"
import { fileURLToPath } from "node:url"
import { assert, describe, it } from "vitest"

const service = fileURLToPath(new URL("../programs/service.ts", import.meta.url))

/** What a service of a package prints, ends with, and complains of, that is sent a signal when it is ready. */
const stopped = async (library: string, signal: "SIGTERM" | "SIGINT") => {
  const child = spawn(process.execPath, ["--no-warnings", "--conditions=@effect-asyncio/source", service, library])
  let printed = ""
  let complaint = ""
  child.stderr.setEncoding("utf8").on("data", (text: string) => (complaint += text))
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    printed += text
    if (text.includes("ready")) child.kill(signal)
  })
  const [status] = (await once(child, "close")) as [number | null]
  return [printed.trim().split("\n").at(-1), status, complaint]
}

describe.skipIf(process.platform === "win32")("a process that a container stops", () => {
  it("cleans up, says in a line what it was, and ends with the status of the signal", { timeout: 60_000 }, async () => {
    const ends = await Promise.all([stopped("core", "SIGTERM"), stopped("compat", "SIGTERM")])

    assert.deepStrictEqual(ends, [
      ["connections closed", 143, "Terminated: stopped by SIGTERM\n"],
      ["connections closed", 143, "Terminated: stopped by SIGTERM\n"]
    ])
  })

  it("cleans up at Ctrl-C as well, and ends with the status of that", { timeout: 60_000 }, async () => {
    const [printed, status] = await stopped("core", "SIGINT")

    assert.deepStrictEqual([printed, status], ["connections closed", 130])
  })
})
