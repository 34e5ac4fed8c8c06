import { assert, describe, it } from "vitest"
import { type Loaded, makePlayer } from "../../timeline/player.ts"
import { record } from "../../../packages/testing/src/timeline/record.ts"
import { cancelling } from "./support.ts"

/** A player whose pauses end when the test says so. */
const makeTestPlayer = (load: () => Promise<Loaded> = async () => ({ program: cancelling, record })) => {
  const pauses = new Set<() => void>()
  const player = makePlayer({
    load,
    later: (callback) => {
      pauses.add(callback)
      return () => void pauses.delete(callback)
    }
  })
  const endPause = () => {
    const [callback] = pauses
    if (callback === undefined) return
    pauses.delete(callback)
    callback()
  }
  return { player, pauses, endPause }
}

describe("the player of a timeline", () => {
  it("runs nothing before it is used, and then once", async () => {
    let loads = 0
    const { player } = makeTestPlayer(async () => {
      loads++
      return { program: cancelling, record }
    })

    assert.deepStrictEqual([loads, player.count.value, player.status.value], [0, 0, ""])
    await Promise.all([player.step(1), player.step(1)])
    await player.step(1)

    assert.deepStrictEqual([loads, player.count.value], [1, 5])
  })

  it("steps forward and back, within the program", async () => {
    const { player } = makeTestPlayer()
    const positions: Array<number> = []
    for (const by of [-1, 1, 1, -1, 9, -9]) {
      await player.step(by)
      positions.push(player.position.value)
    }

    assert.deepStrictEqual(positions, [0, 1, 2, 1, 5, 0])
  })

  it("says where it is, and shows what was printed until there", async () => {
    const { player } = makeTestPlayer()
    await player.start()
    assert.strictEqual(player.status.value, "The program has not begun.")

    player.goTo(4)

    assert.strictEqual(
      player.status.value,
      "Step 4 of 5, at 1 s: worker goes on; gets the cancellation: enough; prints “cleaning up”; ends cancelled."
    )
    assert.deepStrictEqual(player.output.value, ["cleaning up"])
    player.goTo(5)
    assert.match(player.status.value, /The program ends\.$/)
  })

  it("plays to the end, and then from the beginning", async () => {
    const { endPause, pauses, player } = makeTestPlayer()
    await player.toggle()
    const positions = [player.position.value]
    while (player.playing.value) {
      endPause()
      positions.push(player.position.value)
    }

    assert.deepStrictEqual(positions, [1, 2, 3, 4, 5, 5])
    await player.toggle()
    assert.deepStrictEqual([player.position.value, pauses.size], [1, 1])
  })

  it("pauses when it is asked to, and when somebody steps", async () => {
    const { pauses, player } = makeTestPlayer()
    await player.toggle()
    await player.toggle()
    assert.deepStrictEqual([player.playing.value, pauses.size], [false, 0])

    await player.toggle()
    await player.step(1)

    assert.deepStrictEqual([player.playing.value, pauses.size, player.position.value], [false, 0, 3])
  })

  it("runs the program again with a cancellation, and says what that changes", async () => {
    const { player } = makeTestPlayer()
    await player.start()
    await player.cancelAt({ task: 1, stop: 2 })

    assert.strictEqual(
      player.comparison.value,
      "You ask worker to cancel itself at 125 ms. The program prints the same. The program ends."
    )
    assert.deepStrictEqual([player.count.value, player.position.value], [6, 6])
    await player.cancelAt({ task: 0, stop: 0 })
    assert.strictEqual(
      player.comparison.value,
      "You ask Task-1 to cancel itself before it begins. The program prints something else. The program fails: CancelledError: you asked"
    )
    await player.cancelAt(undefined)
    assert.deepStrictEqual([player.comparison.value, player.count.value], ["", 5])
  })

  it("shows the last cancellation that was asked for, whichever run ends first", async () => {
    const ends: Array<() => void> = []
    const { player } = makeTestPlayer(async () => ({
      program: cancelling,
      record: async (program, options) => {
        const trace = await record(program, options)
        if (options?.cancel !== undefined) await new Promise<void>((resolve) => void ends.push(resolve))
        return trace
      }
    }))
    await player.start()
    const first = player.cancelAt({ task: 0, stop: 0 })
    const second = player.cancelAt({ task: 1, stop: 2 })
    while (ends.length < 2) await new Promise((resolve) => void setImmediate(resolve))

    for (const end of ends.toReversed()) end()
    await Promise.all([first, second])

    assert.strictEqual(player.trace.value?.end.kind, "returned")
  })

  it("forgets the cancellation at a reset, also one that is still under way", async () => {
    const { player } = makeTestPlayer()
    await player.start()
    const cancelled = player.cancelAt({ task: 1, stop: 2 })

    player.reset()
    await cancelled

    assert.deepStrictEqual([player.count.value, player.position.value, player.choice.value], [5, 0, undefined])
  })

  it("says what is wrong when the program cannot be loaded, and tries again when it is asked to", async () => {
    let failures = 1
    const { player } = makeTestPlayer(async () => {
      if (failures-- > 0) throw new Error("offline")
      return { program: cancelling, record }
    })
    await player.toggle()
    assert.deepStrictEqual(
      [player.status.value, player.playing.value],
      ["The program cannot be run here: Error: offline", false]
    )

    await player.step(1)

    assert.match(player.status.value, /^Step 1 of 5/)
  })
})
