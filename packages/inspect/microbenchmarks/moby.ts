/**
 * Programs from bugs of Moby, which is Docker's engine.
 */
import * as asyncio from "@effect-asyncio/compat"
import { Channel, type Program, select, iterations, WaitGroup } from "./go.ts"

export const moby: ReadonlyArray<Program> = [
  {
    name: "moby4951",
    bug: "gives a lock back for a while, and holds another one",
    lost: ["delete 1", "delete 2"],
    begin: (go) => {
      const devices = new asyncio.Lock()
      const info = new asyncio.Lock()
      const remove = async () => {
        await devices.acquire()
        await info.acquire()
        devices.release()
        await iterations(10)
        await devices.acquire()
        info.release()
        devices.release()
      }
      go("delete 1", remove)
      go("delete 2", remove)
    }
  },
  {
    name: "moby7559",
    bug: "a round that fails does not release its lock",
    lost: ["run"],
    begin: (go) => {
      const lock = new asyncio.Lock()
      const fails = [true, false]
      go("run", async () => {
        for (const failed of fails) {
          await lock.acquire()
          if (failed) continue
          lock.release()
        }
      })
    }
  },
  {
    name: "moby17176",
    bug: "there is nothing to do, and the lock is not released",
    lost: ["delete"],
    begin: (go) => {
      const devices: ReadonlyArray<string> = []
      go("main", async () => {
        const lock = new asyncio.Lock()
        const done = new Channel()
        const cleanUp = async () => {
          await lock.acquire()
          if (devices.length === 0) return
          lock.release()
        }
        await cleanUp()
        go("delete", () => lock.use(() => done.send()))
        await select(
          () => done.receive(),
          () => iterations(5)
        )
      })
    }
  },
  {
    name: "moby21233",
    bug: "a test gives up, and no longer receives what is in progress",
    lost: ["watcher 1", "watcher 2", "watcher 3", "main"],
    begin: (go) => {
      const progress = new Channel()
      const watch = (number: number) => {
        const released = new asyncio.Event()
        const ended = new asyncio.Event()
        go(`watcher ${number}`, async () => {
          await progress.send()
          await released.wait()
          await progress.send()
          ended.set()
        })
        return { released, ended }
      }
      go("consumer", () => progress.receive())
      go("main", async () => {
        for (const { ended, released } of [1, 2, 3].map(watch)) {
          released.set()
          await ended.wait()
        }
        progress.close()
      })
    }
  },
  {
    name: "moby25384",
    bug: "waits for all of a group in the loop that begins them",
    lost: ["init"],
    begin: (go) => {
      const plugins = ["first", "second"]
      const group = new WaitGroup()
      group.add(plugins.length)
      go("init", async () => {
        for (const plugin of plugins) {
          go(`restore ${plugin}`, async () => {
            await iterations(1)
            group.done()
          })
          await group.wait()
        }
      })
    }
  },
  {
    name: "moby27782",
    bug: "a condition that only other events notify, and who reads them waits to hand one on",
    lost: ["read events", "read logs"],
    begin: (go) => {
      const removed = new asyncio.Condition()
      const events = new Channel()
      const done = new asyncio.Event()
      const closed = new asyncio.Event()
      go("initialize", async () => {
        go("read logs", async () => {
          go("read events", async () => {
            await iterations(20)
            await select(
              () => events.send(),
              () => done.wait()
            )
          })
          await select(
            () => events.receive(),
            () => closed.wait()
          )
          await removed.use(() => removed.wait())
          done.set()
        })
        await iterations(1)
        closed.set()
      })
    }
  },
  {
    name: "moby28462",
    bug: "stops under a lock a task that is about to take it",
    lost: ["monitor", "state changed"],
    begin: (go) => {
      const lock = new asyncio.Lock()
      const stop = new Channel()
      go("monitor", async () => {
        await iterations(5)
        await lock.use(() => {})
        await stop.receive()
      })
      go("state changed", () => lock.use(() => stop.send()))
    }
  },
  {
    name: "moby30408",
    bug: "waits for a condition that nobody notifies",
    lost: ["wait active", "main"],
    begin: (go) => {
      const active = new asyncio.Condition()
      const done = new asyncio.Event()
      go("wait active", async () => {
        await active.use(() => active.wait())
        done.set()
      })
      go("main", () => done.wait())
    }
  },
  {
    name: "moby33781",
    bug: "a probe is given up, and nobody receives its result",
    lost: ["probe"],
    begin: (go) => {
      const stop = new Channel()
      go("monitor", async () => {
        const result = new Channel()
        go("probe", async () => {
          await iterations(20)
          await result.send()
        })
        await select(
          () => stop.receive(),
          () => result.receive()
        )
      })
      go("stop", () => stop.send())
    }
  },
  {
    name: "moby36114",
    bug: "takes a lock that it holds",
    lost: ["add"],
    begin: (go) => {
      const lock = new asyncio.Lock()
      const remove = () => lock.use(() => {})
      go("add", () => lock.use(remove))
    }
  }
]
