// The names of pipes on Windows. Whether Windows takes them nobody has tried.
import { assert, describe, it } from "vitest"
import { pidOfPipe, pipePath } from "../src/folder.ts"

describe("a pipe", () => {
  it("is called by its user and its process", () => {
    assert.strictEqual(pipePath("ada", 4711), String.raw`\\.\pipe\effect-asyncio-ada-4711`)
  })

  it("has no sign in its name that means something there", () => {
    assert.strictEqual(pipePath("COMPANY\\ada l.", 1), String.raw`\\.\pipe\effect-asyncio-COMPANY_ada_l.-1`)
  })

  it.each([
    ["effect-asyncio-ada-4711", 4711],
    ["effect-asyncio-bob-4711", undefined],
    ["effect-asyncio-ada-b-4711", undefined],
    ["effect-asyncio-ada-0", undefined],
    ["effect-asyncio-ada-", undefined],
    ["docker_engine", undefined]
  ])("%s is of the process %s", (name, pid) => {
    assert.strictEqual(pidOfPipe("ada", name), pid)
  })
})
