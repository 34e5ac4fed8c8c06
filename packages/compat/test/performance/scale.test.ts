import { execFile } from "node:child_process"
import { constants, setPriority } from "node:os"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import { assert, describe, it } from "vitest"

interface Figures {
  readonly many: {
    readonly waiting: number
    readonly left: number
    readonly cancelled: number
    readonly before: number
    readonly after: number
    readonly ready: number
    readonly timers: number
    readonly tasks: ReadonlyArray<string>
  }
  readonly chain: { readonly ofFunctions: number; readonly ofEffects: number }
}

const megabytes = (bytes: number): string => `${(bytes / 1_000_000).toFixed(2)} MB`

// A process of its own: only there can the heap be measured.
const measure = async (): Promise<Figures> => {
  const program = fileURLToPath(new URL("../programs/scale.ts", import.meta.url))
  const options = ["--expose-gc", "--no-warnings", "--conditions=@effect-asyncio/source"]
  const running = promisify(execFile)(process.execPath, [...options, program])
  // It takes a while, and the tests beside it have their time limits.
  setPriority(running.child.pid!, constants.priority.PRIORITY_LOW)
  const { stdout } = await running
  return JSON.parse(stdout) as Figures
}

let measured: Promise<Figures> | undefined
const figures = (): Promise<Figures> => (measured ??= measure())

// Nothing in it depends on speed, but 200,000 tasks take their time on a busy machine.
const patience = 300_000

describe("scale", () => {
  it(
    "100,000 tasks that wait in every way end when they are cancelled, and leave nothing on the loop",
    async () => {
      const { cancelled, left, ready, tasks, timers, waiting } = (await figures()).many

      assert.deepStrictEqual([waiting, left, cancelled], [100_000, 0, 100_000])
      assert.deepStrictEqual([ready, timers, tasks], [0, 0, ["main"]])
    },
    patience
  )

  it(
    "100,000 tasks leave no memory behind",
    async () => {
      const { after, before } = (await figures()).many

      console.log(`heap before 100,000 tasks ${megabytes(before)}, after ${megabytes(after)}`)
      assert.isBelow(after, before * 1.1)
    },
    patience
  )

  it(
    "a task does not keep the one that made it",
    async () => {
      const { ofEffects, ofFunctions } = (await figures()).chain

      console.log(
        `heap grown over 20,000 tasks in a chain: functions ${megabytes(ofFunctions)}, Effects ${megabytes(ofEffects)}`
      )
      // A task that is kept takes more than 500 bytes.
      assert.isBelow(ofFunctions, 20_000 * 100)
      assert.isBelow(ofEffects, 20_000 * 100)
    },
    patience
  )
})
