// A CommonJS program on the built packages, run by smoke.ts and release.ts. Prints one line or throws.
const core = require("@effect-asyncio/core")
const asyncio = require("@effect-asyncio/compat")
const assert = require("node:assert/strict")

const main = async () => {
  // One copy, whether it was required or imported.
  assert.equal((await import("@effect-asyncio/compat")).Task, asyncio.Task)
  assert.equal(asyncio.CancelledError, core.CancelledError)
  const task = asyncio.createTask(() => asyncio.sleep("1 hour"), { name: "worker" })
  await asyncio.sleep(1)
  task.cancel("stop")
  const error = await task.then(undefined, (error) => error)
  assert(error instanceof asyncio.CancelledError)
  return `${task.getName()}: ${error.reason}`
}

void asyncio.run(main).then((line) => {
  assert.equal(line, "worker: stop")
  console.log("CommonJS takes the packages by require")
})
