import { assert, describe, it } from "vitest"
import { Effect } from "effect"
import { layout, nearestStop, sizes } from "../../../packages/testing/src/timeline/layout.ts"
import { record } from "../../../packages/testing/src/timeline/record.ts"
import { cancelling, running } from "./support.ts"

const pictureOf = async (...given: Parameters<typeof record>) => layout(await record(...given))

describe("the layout of a picture", () => {
  it("has a column for every step, in order, and a band for every instant", async () => {
    const { columns, instants } = await pictureOf(cancelling)

    const steps = columns.map(({ x }, n) => x - (columns[n - 1]?.x ?? 0))
    const { column, gap, left } = sizes
    assert.deepStrictEqual(steps, [left, column, column + gap, column, column])
    assert.deepStrictEqual(
      instants.map(({ label, width }) => [label, width]),
      [
        ["0 s", 2 * column],
        ["1 s", 3 * column]
      ]
    )
  })

  it("gives a millisecond and an hour the same room", async () => {
    const { columns } = await pictureOf(
      running((asyncio) => Effect.andThen(asyncio.sleep("1 milli"), asyncio.sleep("1 hour")))
    )

    assert.strictEqual(columns[1]!.x - columns[0]!.x, columns[2]!.x - columns[1]!.x)
  })

  it("has a row for every task, in the order they were made, and one for the callbacks if there are any", async () => {
    const withCallback = running((asyncio, console) =>
      Effect.flatMap(asyncio.getRunningLoop, (loop) => loop.callSoon(() => console.log("called")))
    )
    const labels = async (program: typeof cancelling) => (await pictureOf(program)).rows.map(({ label }) => label)

    assert.deepStrictEqual(await labels(cancelling), ["Task-1", "worker"])
    assert.deepStrictEqual(await labels(withCallback), ["Task-1", "callbacks of the loop"])
  })

  it("says on a bar what its task waits for, as far as there is room", async () => {
    const { bars } = await pictureOf(cancelling)

    assert.deepStrictEqual(
      bars.map(({ kind, label }) => [kind, label]),
      [
        ["ready", ""],
        ["sleep", "sleep 1 s"],
        ["tasks", ""],
        ["ready", ""],
        ["sleep", "sleep 1 h"]
      ]
    )
  })

  it("keeps the bars of a row between its cells, so that nothing covers anything", async () => {
    const { bars, cells } = await pictureOf(cancelling)

    for (const bar of bars) {
      const inside = cells.filter(({ x, y }) => {
        return y === bar.y && x + sizes.column - 4 > bar.x + sizes.column && x < bar.x + bar.width - 8
      })
      assert.deepStrictEqual(inside, [])
    }
  })

  it("draws an arrow where a task makes, wakes or cancels another", async () => {
    const { arrows, rows } = await pictureOf(cancelling)
    const [main, worker] = rows.map(({ y }) => y)

    assert.deepStrictEqual(
      arrows.map(({ kind, step }) => `${kind} ${step}`),
      ["made 0", "asked 2", "woke 4"]
    )
    assert.isTrue(arrows[1]!.from.y > main! && arrows[1]!.to.y < worker! && arrows[1]!.to.y > arrows[1]!.from.y)
    assert.isTrue(arrows[2]!.from.y === worker && arrows[2]!.to.y === main)
  })

  it("lets the reader's own cancellation come from above", async () => {
    const picture = await pictureOf(cancelling, { cancel: { task: 1, at: { time: 500 } } })
    const asked = picture.arrows.find(({ kind, step }) => kind === "asked" && step === 2)

    assert.deepStrictEqual(
      picture.cells.map(({ step }) => step),
      [0, 1, 3, 4, 5]
    )
    assert.strictEqual(picture.reader, picture.columns[2]!.x + sizes.column / 2)
    assert.isBelow(asked!.from.y, picture.rows[0]!.y)
    assert.deepStrictEqual(
      picture.rows.map(({ label }) => label),
      ["Task-1", "worker"]
    )
  })

  it("marks how every task has ended", async () => {
    const { ends } = await pictureOf(
      running((asyncio) =>
        Effect.andThen(
          asyncio.createTask(Effect.fail("a message that is much too long to be written beside a bar")),
          asyncio.sleep(1)
        )
      )
    )

    assert.deepStrictEqual(
      ends.map(({ kind, label }) => [kind, label]),
      [
        ["returned", "done"],
        ["failed", "failed: a message that is much …"]
      ]
    )
  })

  it("is as wide as its longest text needs", async () => {
    const name = "a task with a name that is longer than everything it does"
    const { rows, width } = await pictureOf(running((asyncio) => asyncio.createTask(Effect.void, { name })))

    assert.isAtLeast(width, rows[1]!.x + name.length * sizes.character)
  })

  it("shows what a stopped program was doing until the end", async () => {
    const { ends, bars, columns } = await pictureOf(
      running((asyncio) => Effect.forever(asyncio.sleep(1))),
      { maxSteps: 3 }
    )

    assert.strictEqual(ends[0]!.kind, "running")
    assert.isAtMost(bars.at(-1)!.x, columns.at(-1)!.x + sizes.column)
  })
})

describe("where a task can be cancelled", () => {
  it("is after every step of its life, and at some times between two of them", async () => {
    const { stops } = await pictureOf(cancelling)

    assert.deepStrictEqual(
      stops[1]!.map(({ label }) => label),
      [
        "at 0 s, after step 1",
        "at 0 s, after step 2",
        ...[125, 250, 375, 500, 625, 750, 875].map((time) => `at ${time} ms`),
        "at 1 s, after step 3"
      ]
    )
    assert.strictEqual(stops[0]![0]!.label, "before it begins")
  })

  it("is not after a callback, whose end nobody hears of", async () => {
    const { stops } = await pictureOf(
      running((asyncio, console) =>
        Effect.gen(function* () {
          yield* (yield* asyncio.getRunningLoop).callSoon(() => console.log("called"))
          yield* asyncio.sleep(0)
          yield* asyncio.sleep(0)
        })
      )
    )

    assert.deepStrictEqual(
      stops[0]!.map(({ at }) => at),
      [{ after: -1 }, { after: 0 }, { after: 2 }]
    )
  })

  it("is found by its place", async () => {
    const [, stops = []] = (await pictureOf(cancelling)).stops

    for (const [n, { x }] of stops.entries()) assert.strictEqual(nearestStop(stops, x + 2), n)
    assert.strictEqual(nearestStop(stops, -100), 0)
    assert.strictEqual(nearestStop(stops, 10_000), stops.length - 1)
  })
})
