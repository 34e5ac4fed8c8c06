import * as asyncio from "@effect-asyncio/compat"
import * as core from "@effect-asyncio/core"
import { assert, describe, it } from "vitest"
import { deferred, rejection, run, runningLoop, self, text, thrown } from "../support.ts"

const hour = () => asyncio.sleep("1 hour")

const failAfter = (millis: number, message: string) => async (): Promise<never> => {
  await asyncio.sleep(millis)
  throw new Error(message)
}

/** Notes how its sleep ended, after some cleanup. */
const worker =
  (lines: Array<string>, name: string, cleanup = 0) =>
  async () => {
    try {
      await hour()
    } catch (error) {
      await asyncio.sleep(cleanup)
      lines.push(`${name}: ${String(error)}`)
      throw error
    }
  }

const errorsOf = async (awaitable: PromiseLike<unknown>): Promise<ReadonlyArray<string>> => {
  const error = await rejection(awaitable)
  return error instanceof asyncio.ExceptionGroup
    ? [error.message, ...error.errors.map(String)]
    : [`no group: ${String(error)}`]
}

const unhandled = "unhandled errors in a TaskGroup"

describe("taskGroup", () => {
  it("gives the body's result when all its tasks are done", () =>
    run(async () => {
      const lines: Array<string> = []

      const result = await asyncio.taskGroup(async (group) => {
        group.createTask(async () => lines.push(await asyncio.sleep(2, "slow")))
        group.createTask(async () => lines.push(await asyncio.sleep(1, "quick")))
        lines.push("body")
        return "result"
      })

      assert.deepStrictEqual([result, lines, runningLoop().time()], ["result", ["body", "quick", "slow"], 2])
    }))

  it("takes a body that is no async function, and one without tasks", () =>
    run(async () => {
      assert.deepStrictEqual(
        [await asyncio.taskGroup(() => 1), await asyncio.taskGroup((group) => group.createTask(() => 2))],
        [1, 2]
      )
    }))

  it("refuses a call without a body at once, as `await using` would find a promise", () => {
    const message = "TypeError: a function was expected by taskGroup(), got undefined"
    assert.strictEqual(
      thrown(() => asyncio.taskGroup(undefined as never)),
      message
    )
  })

  it("gives its tasks their options, and takes Effects", () =>
    run(async () => {
      const name = async () => self().getName()

      const names = await asyncio.taskGroup(async (group) => {
        const eager = group.createTask(() => {}, { name: "eager", eagerStart: true })
        const named = group.createTask(name, { name: "named" })
        const effect = group.createTask(core.sleep(1, "effect"))
        return [eager.done(), await named, await effect]
      })

      assert.deepStrictEqual(names, [true, "named", "effect"])
    }))

  it("cancels the rest when a task fails, waits for their cleanup, and tells of all failures", () =>
    run(async () => {
      const lines: Array<string> = []

      const errors = await errorsOf(
        asyncio.taskGroup(async (group) => {
          group.createTask(worker(lines, "a", 5))
          group.createTask(failAfter(1, "boom"))
          group.createTask(async () => {
            await hour().catch(() => {})
            throw new Error("bang")
          })
          await worker(lines, "body")()
        })
      )

      assert.deepStrictEqual(lines, ["body: CancelledError", "a: CancelledError"])
      assert.deepStrictEqual([errors, runningLoop().time()], [[unhandled, "Error: boom", "Error: bang"], 6])
      assert.strictEqual(self().cancelling(), 0)
    }))

  it("cancels its tasks when the body fails", () =>
    run(async () => {
      const lines: Array<string> = []

      const errors = await errorsOf(
        asyncio.taskGroup(async (group) => {
          group.createTask(worker(lines, "a"))
          await asyncio.sleep(1)
          throw new Error("body")
        })
      )

      assert.deepStrictEqual([lines, errors], [["a: CancelledError"], [unhandled, "Error: body"]])
    }))

  it("does not count cancelled tasks as failures", () =>
    run(async () => {
      const result = await asyncio.taskGroup(async (group) => {
        group.createTask(hour).cancel()
        const started = group.createTask(hour)
        await asyncio.sleep(1)
        started.cancel()
        return "result"
      })

      assert.strictEqual(result, "result")
    }))

  it("passes a cancellation on to its tasks and waits for them", () =>
    run(async () => {
      const lines: Array<string> = []
      const task = asyncio.createTask(() =>
        asyncio.taskGroup(async (group) => {
          group.createTask(worker(lines, "a", 5))
          group.createTask(worker(lines, "b"))
        })
      )
      await asyncio.sleep(1)

      task.cancel("from outside")

      lines.push(await text(task), `at ${runningLoop().time()}`)
      assert.deepStrictEqual(lines, ["b: CancelledError", "a: CancelledError", "CancelledError: from outside", "at 6"])
    }))

  it("is an ExceptionGroup when a task fails in its cleanup, and the cancellation comes at the next await", () =>
    run(async () => {
      const lines: Array<string> = []
      const task = asyncio.createTask(async () => {
        lines.push(
          ...(await errorsOf(
            asyncio.taskGroup(async (group) => {
              group.createTask(async () => {
                await hour().catch(() => {})
                throw new Error("cleanup")
              })
              await hour()
            })
          ))
        )
        lines.push(await text(asyncio.sleep(1)))
        return self().cancelling()
      })
      await asyncio.sleep(1)

      task.cancel("from outside")

      assert.deepStrictEqual([await task, lines], [1, [unhandled, "Error: cleanup", "CancelledError"]])
    }))

  it("nests: the inner group's failures are one of the outer's", () =>
    run(async () => {
      const lines: Array<string> = []

      const error = (await rejection(
        asyncio.taskGroup(async (outer) => {
          outer.createTask(worker(lines, "outer"))
          await asyncio.taskGroup(async (inner) => {
            inner.createTask(worker(lines, "inner"))
            inner.createTask(failAfter(1, "boom"))
          })
        })
      )) as asyncio.ExceptionGroup

      const [inner] = error.errors as ReadonlyArray<asyncio.ExceptionGroup>
      assert.deepStrictEqual(
        [lines, error.errors.length, inner?.errors.map(String)],
        [["inner: CancelledError", "outer: CancelledError"], 1, ["Error: boom"]]
      )
    }))

  it("lets its tasks add tasks while they run, also when the body is over", () =>
    run(async () => {
      const lines: Array<string> = []

      await asyncio.taskGroup((group) => {
        group.createTask(async () => {
          await asyncio.sleep(1)
          group.createTask(async () => lines.push(await asyncio.sleep(1, "grandchild")))
        })
      })

      assert.deepStrictEqual(lines, ["grandchild"])
    }))

  it("takes no task when it is finished or shutting down, and runs nothing of it", () =>
    run(async () => {
      const lines: Array<string> = []
      const start = async () => lines.push("started")
      const kept: Array<asyncio.TaskGroup> = []

      await asyncio.taskGroup((group) => kept.push(group))
      lines.push(thrown(() => kept[0]!.createTask(start)))
      await rejection(
        asyncio.taskGroup(async (group) => {
          group.createTask(failAfter(1, "boom"))
          await hour().catch(() => {})
          lines.push(thrown(() => group.createTask(start)))
        })
      )

      await asyncio.sleep(1)
      assert.deepStrictEqual(lines, [
        "RuntimeError: TaskGroup <TaskGroup entered> is finished",
        "RuntimeError: TaskGroup <TaskGroup errors=1 cancelling> is shutting down"
      ])
    }))

  it("gives the cancellation that is about to end it to code that hung on a plain promise, and takes no task", () =>
    run(async () => {
      const lines: Array<string> = []
      const hangs = deferred()
      const start = async () => lines.push("started")
      const error = (await rejection(
        asyncio.taskGroup(async (group) => {
          group.createTask(failAfter(1, "boom"))
          group.createTask(async () => {
            await hangs.promise
            lines.push(`sibling: ${thrown(() => group.createTask(start))}`)
          })
          runningLoop().callLaterUnsafe(2, () => hangs.resolve())
          await hangs.promise
          try {
            group.createTask(start)
          } finally {
            await asyncio.sleep(1)
            lines.push("cleaned up")
          }
        })
      )) as asyncio.ExceptionGroup

      assert.deepStrictEqual(
        [...lines, ...error.errors.map(String)],
        ["sibling: CancelledError", "cleaned up", "Error: boom"]
      )
    }))

  it("is refused a task by a RuntimeError where the code itself has cancelled the group, until its next await", () =>
    run(async () => {
      const lines: Array<string> = []
      const start = async () => lines.push("started")
      const refuse = (group: asyncio.TaskGroup, where: string) =>
        lines.push(`${where}: ${thrown(() => group.createTask(start))}`)
      await asyncio.taskGroup(async (group) => {
        group.cancel()
        refuse(group, "body")
        lines.push(await text(group.start(start)))
        await Promise.resolve()
        refuse(group, "body, later")
      })
      await asyncio.taskGroup(async (group) => {
        const cancelAndRefuse = async () => {
          group.cancel()
          refuse(group, "task")
          await Promise.resolve()
          refuse(group, "task, later")
        }
        await group.createTask(cancelAndRefuse)
      })
      await asyncio.taskGroup(async (group) => {
        const hangs = deferred()
        runningLoop().callSoonUnsafe(() => {
          group.cancel()
          refuse(group, "callback")
          hangs.resolve()
        })
        await hangs.promise
        refuse(group, "body behind it")
      })

      const refused = "RuntimeError: TaskGroup <TaskGroup cancelling> is shutting down"
      assert.deepStrictEqual(lines, [
        `body: ${refused}`,
        refused,
        "body, later: CancelledError",
        `task: ${refused.replace("cancelling", "tasks=1 cancelling")}`,
        "task, later: CancelledError",
        `callback: ${refused}`,
        "body behind it: CancelledError"
      ])
    }))

  it("rejects with a TypeError for what is no function, and opens no block outside of a task", async () => {
    const message = await run(() => text(asyncio.taskGroup(1 as unknown as () => void)))

    assert.deepStrictEqual(
      [message, thrown(() => new asyncio.TaskGroup())],
      [
        "TypeError: a function was expected by taskGroup(), got 1",
        "RuntimeError: TaskGroup() of a block needs a task: this code is in none that could be cancelled"
      ]
    )
  })

  it("throws a TypeError for a task that is no function, and goes on", () =>
    run(async () => {
      const message = await asyncio.taskGroup((group) =>
        thrown(() => group.createTask(Promise.resolve() as unknown as () => void))
      )

      assert.match(message, /TypeError: a coroutine function was expected, got a Promise/)
    }))
})

describe("cancel of a group", () => {
  it("ends the body and the tasks, without an error", () =>
    run(async () => {
      const lines: Array<string> = []

      const result = await asyncio.taskGroup(async (group) => {
        group.createTask(worker(lines, "a"))
        await asyncio.sleep(1)
        group.cancel()
        await worker(lines, "body")()
        return "not reached"
      })

      assert.deepStrictEqual(
        [result, lines, self().cancelling()],
        [undefined, ["a: CancelledError", "body: CancelledError"], 0]
      )
    }))

  it("from one of its tasks is the way to stop early", () =>
    run(async () => {
      const lines: Array<string> = []

      const result = await asyncio.taskGroup(async (group) => {
        group.createTask(worker(lines, "a"))
        group.createTask(async () => {
          await asyncio.sleep(1)
          lines.push("found it")
          group.cancel()
        })
        return "result"
      })

      assert.deepStrictEqual([result, lines], ["result", ["found it", "a: CancelledError"]])
    }))

  it("still tells of what fails on the way, and does nothing when the group is over", () =>
    run(async () => {
      const errors = await errorsOf(
        asyncio.taskGroup(async (group) => {
          group.createTask(async () => {
            await hour().catch(() => {})
            throw new Error("cleanup")
          })
          await asyncio.sleep(1)
          group.cancel()
        })
      )
      const kept: Array<asyncio.TaskGroup> = []
      await asyncio.taskGroup((group) => kept.push(group))
      kept[0]!.cancel()

      assert.deepStrictEqual([errors, self().cancelling()], [[unhandled, "Error: cleanup"], 0])
    }))
})

describe("a group in a branch of Promise.all", () => {
  it("that fails cancels its own body and tasks only", () =>
    run(async () => {
      const lines: Array<string> = []
      const failing = asyncio.taskGroup(async (group) => {
        group.createTask(failAfter(1, "boom"))
        await worker(lines, "body")()
      })

      const [first, ...others] = await Promise.allSettled([
        failing,
        asyncio.sleep(5, "sleep"),
        asyncio.taskGroup(async (group) => {
          group.createTask(async () => lines.push(await asyncio.sleep(3, "other group")))
          return await asyncio.sleep(4, "other body")
        })
      ])

      assert.strictEqual(first.status, "rejected")
      assert.deepStrictEqual(others, [
        { status: "fulfilled", value: "sleep" },
        { status: "fulfilled", value: "other body" }
      ])
      assert.deepStrictEqual([lines, self().cancelling()], [["body: CancelledError", "other group"], 0])
    }))

  it("that fails together with another does not become a cancellation", () =>
    run(async () => {
      const failing = (cleanup: number) =>
        asyncio.taskGroup(async (group) => {
          group.createTask(failAfter(1, "boom"))
          await worker([], "body", cleanup)()
        })

      const errors = await Promise.all([
        errorsOf(failing(5)),
        errorsOf(failing(1)),
        errorsOf(asyncio.timeout(1, () => failing(3)))
      ])

      assert.deepStrictEqual(errors.slice(0, 2), [
        [unhandled, "Error: boom"],
        [unhandled, "Error: boom"]
      ])
      assert.deepStrictEqual([self().cancelling(), await asyncio.sleep(1, "goes on")], [0, "goes on"])
    }))

  it("is ended by a cancellation from outside", () =>
    run(async () => {
      const lines: Array<string> = []
      const branch = (name: string) =>
        asyncio.taskGroup(async (group) => {
          group.createTask(worker(lines, name, 2))
        })
      const task = asyncio.createTask(() => Promise.all([branch("a"), branch("b"), worker(lines, "c")()]))
      await asyncio.sleep(1)

      task.cancel("all")

      lines.push(await text(task))
      await asyncio.sleep(5)
      assert.deepStrictEqual(lines, [
        "c: CancelledError: all",
        "CancelledError: all",
        "a: CancelledError",
        "b: CancelledError"
      ])
    }))
})

describe("await using a group", () => {
  it("waits for the tasks at the end of the block", () =>
    run(async () => {
      const lines: Array<string> = []
      {
        await using group = new asyncio.TaskGroup()
        group.createTask(async () => lines.push(await asyncio.sleep(1, "child")))
        lines.push("block")
      }
      lines.push("after")

      assert.deepStrictEqual(lines, ["block", "child", "after"])
    }))

  it("throws the ExceptionGroup as it is when the block was over, and in a SuppressedError when it was cut short", () =>
    run(async () => {
      const over = async () => {
        await using group = new asyncio.TaskGroup()
        group.createTask(failAfter(1, "boom"))
      }
      const cutShort = async () => {
        await using group = new asyncio.TaskGroup()
        group.createTask(failAfter(1, "boom"))
        await hour()
      }

      const suppressed = (await rejection(cutShort())) as { name: string; error: unknown; suppressed: unknown }

      assert.deepStrictEqual(await errorsOf(over()), [unhandled, "Error: boom"])
      assert.deepStrictEqual(
        {
          name: suppressed.name,
          errorIsGroup: suppressed.error instanceof asyncio.ExceptionGroup,
          suppressed: String(suppressed.suppressed)
        },
        { name: "SuppressedError", errorIsGroup: true, suppressed: "CancelledError" }
      )
      assert.strictEqual(self().cancelling(), 0)
    }))

  it("says where the failure is when nobody closes it, because await using was forgotten", () =>
    run(async () => {
      const forgetful = async () => {
        const group = new asyncio.TaskGroup()
        group.createTask(failAfter(1, "boom"), { name: "broken" })
        await hour()
      }

      const error = (await rejection(asyncio.createTask(forgetful, { name: "owner" }))) as asyncio.CancelledError &
        asyncio.ErrorNotes

      assert.deepStrictEqual([String(error), error.task], ["CancelledError", "owner"])
      assert.match(error.hint ?? "", /^broken of a group has failed\..* `await using`\.$/)
    }))

  it("is a plain ExceptionGroup for the task, and for the timeouts and groups around it", () =>
    run(async () => {
      const cutShort = async () => {
        await using group = new asyncio.TaskGroup()
        group.createTask(failAfter(1, "boom"))
        await hour()
      }

      assert.deepStrictEqual(await errorsOf(asyncio.createTask(cutShort)), [unhandled, "Error: boom"])
      assert.deepStrictEqual(await errorsOf(asyncio.timeout(100, cutShort)), [unhandled, "Error: boom"])
      const outer = (await rejection(asyncio.taskGroup(cutShort))) as asyncio.ExceptionGroup
      const [inner] = outer.errors as ReadonlyArray<asyncio.ExceptionGroup>
      assert.deepStrictEqual(inner?.errors.map(String), ["Error: boom"])
    }))

  it("waits for the tasks, and does not cancel them, when the block fails by itself", () =>
    run(async () => {
      const lines: Array<string> = []
      const block = async () => {
        await using group = new asyncio.TaskGroup()
        group.createTask(async () => lines.push(await asyncio.sleep(5, "child")))
        throw new Error("mine")
      }

      lines.push(await text(block()))

      assert.deepStrictEqual(lines, ["child", "Error: mine"])
    }))

  it("passes a cancellation on to the tasks, in the block and while it waits for them", () =>
    run(async () => {
      const lines: Array<string> = []
      const inBlock = async () => {
        await using group = new asyncio.TaskGroup()
        group.createTask(worker(lines, "a", 2))
        await hour()
      }
      const atTheEnd = async () => {
        await using group = new asyncio.TaskGroup()
        group.createTask(worker(lines, "b", 2))
      }

      for (const block of [inBlock, atTheEnd]) {
        const task = asyncio.createTask(block)
        await asyncio.sleep(1)
        task.cancel("from outside")
        lines.push(await text(task))
      }

      assert.deepStrictEqual(lines, [
        "a: CancelledError",
        "CancelledError: from outside",
        "b: CancelledError",
        "CancelledError: from outside"
      ])
    }))

  it("ends without an error after cancel, as far as JavaScript tells", () =>
    run(async () => {
      const lines: Array<string> = []
      const block = async () => {
        await using group = new asyncio.TaskGroup()
        group.createTask(worker(lines, "a"))
        await asyncio.sleep(1)
        group.cancel()
      }

      await block()

      assert.deepStrictEqual([lines, self().cancelling()], [["a: CancelledError"], 0])
    }))
})

describe("a failure and a group's own end", () => {
  it("is an ExceptionGroup once for a SuppressedError of two scopes in one block", () =>
    run(async () => {
      const task = asyncio.createTask(async () => {
        await using _ = asyncio.timeout(100)
        await using group = new asyncio.TaskGroup()
        group.createTask(failAfter(1, "boom"))
        await hour()
      })

      assert.deepStrictEqual(await errorsOf(task), [unhandled, "Error: boom"])
    }))
})
