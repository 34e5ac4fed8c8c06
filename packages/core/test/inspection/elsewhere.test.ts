import * as lowlevel from "@effect-asyncio/core/lowlevel"
import { afterEach, assert, describe, it } from "@effect/vitest"

const none = { now: 0, count: 0, next: undefined, tasks: [], ended: [], workers: [] }

const tasksOf = (name: string): lowlevel.TasksElsewhere => ({
  name,
  id: name,
  count: async () => 0,
  alive: async () => none,
  news: async () => none,
  find: async () => none,
  cancel: async () => []
})

let heard: Array<string> = []
const listen = (who: string) =>
  lowlevel.onTasksElsewhereUnsafe(({ name }) => {
    heard.push(`${who}: ${name}`)
    return () => heard.push(`${who}: no ${name}`)
  })

afterEach(() => void (heard = []))

describe("tasks that are on no loop", () => {
  it("are told to whoever listens, and to whoever comes later", () => {
    const stopFirst = listen("first")
    const end = lowlevel.announceTasksUnsafe(tasksOf("jobs"))
    const stopSecond = listen("second")
    end()
    stopFirst()
    stopSecond()

    assert.deepStrictEqual(heard, ["first: jobs", "second: jobs", "first: no jobs", "second: no jobs"])
  })

  it("are told to nobody who has stopped listening, or comes when they have ended", () => {
    listen("gone")()
    lowlevel.announceTasksUnsafe(tasksOf("jobs"))()
    listen("late")()

    assert.deepStrictEqual(heard, [])
  })

  it("end once, however often that is said", () => {
    const stop = listen("first")
    const end = lowlevel.announceTasksUnsafe(tasksOf("jobs"))
    end()
    end()
    stop()

    assert.deepStrictEqual(heard, ["first: jobs", "first: no jobs"])
  })
})
