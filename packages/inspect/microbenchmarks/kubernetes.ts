/**
 * Programs from bugs of Kubernetes.
 */
import * as asyncio from "@effect-asyncio/compat"
import { Channel, type Program, ReadWriteLock, select, iterations } from "./go.ts"

export const kubernetes: ReadonlyArray<Program> = [
  {
    name: "kubernetes1321",
    bug: "sends under the lock that closing the channel needs",
    lost: ["loop", "main"],
    begin: (go) => {
      const lock = new asyncio.Lock()
      const result = new Channel()
      go("loop", () => lock.use(() => result.send()))
      go("main", async () => {
        await iterations(5)
        await lock.use(() => result.close())
      })
    }
  },
  {
    name: "kubernetes5316",
    bug: "a request takes too long, and nobody receives its result",
    lost: ["request"],
    begin: (go) => {
      go("main", async () => {
        const result = new Channel()
        go("request", async () => {
          await iterations(20)
          await result.send()
        })
        await select(
          () => result.receive(),
          () => iterations(5)
        )
      })
    }
  },
  {
    name: "kubernetes6632",
    bug: "sends under the lock that who receives takes first",
    lost: ["monitor", "write"],
    begin: (go) => {
      const lock = new asyncio.Lock()
      const closed = new Channel()
      const reset = new Channel()
      go("monitor", async () => {
        await closed.receive()
        await lock.use(() => reset.close())
      })
      go("write", () => lock.use(() => reset.send()))
      go("helper", async () => {
        await iterations(5)
        await closed.send()
      })
    }
  },
  {
    name: "kubernetes10182",
    bug: "sends under a lock to a task that waits for the lock",
    lost: ["sync", "set 2"],
    begin: (go) => {
      const lock = new asyncio.Lock()
      const statuses = new Channel()
      go("sync", async () => {
        for (;;) {
          await statuses.receive()
          await iterations(5)
          await lock.use(() => {})
        }
      })
      for (const number of [1, 2]) go(`set ${number}`, () => lock.use(() => statuses.send()))
    }
  },
  {
    name: "kubernetes11298",
    bug: "notifies a condition before somebody waits for it",
    lost: ["service", "after", "main"],
    begin: (go) => {
      const condition = new asyncio.Condition()
      const aborted = new asyncio.Event()
      const done = new asyncio.Event()
      go("service", async () => {
        await condition.acquire()
        const waited = new asyncio.Event()
        go("after", async () => {
          await iterations(20)
          await condition.wait()
          waited.set()
        })
        await select(
          () => aborted.wait(),
          () => waited.wait()
        )
        condition.notify()
        await waited.wait()
        done.set()
      })
      go("main", async () => {
        aborted.set()
        await done.wait()
      })
    }
  },
  {
    name: "kubernetes13135",
    bug: "two locks in two orders, one of them in a callback",
    lost: ["caching", "add"],
    begin: (go) => {
      const cacher = new asyncio.Lock()
      const cache = new asyncio.Lock()
      const onEvent = () => cacher.use(() => {})
      go("caching", async () => {
        for (let i = 0; i < 2; i++) {
          await cacher.use(async () => {
            await iterations(5)
            await cache.use(() => iterations(5))
          })
        }
      })
      go("add", async () => {
        await iterations(8)
        await cache.use(onEvent)
      })
    }
  },
  {
    name: "kubernetes25331",
    bug: "an error stops who receives, and a result is sent after it",
    lost: ["run"],
    begin: (go) => {
      const cancelled = new asyncio.Event()
      const errors = new Channel(1)
      const results = new Channel()
      go("run", async () => {
        await select(
          () => errors.receive(),
          () => cancelled.wait()
        )
        cancelled.set()
        await results.send()
      })
      go("stop", async () => {
        await errors.send()
        cancelled.set()
      })
    }
  },
  {
    name: "kubernetes26980",
    bug: "waits to be stopped, under the lock that who stops it needs",
    lost: ["pop", "add", "main"],
    begin: (go) => {
      const lock = new asyncio.Lock()
      const stopped = new asyncio.Event()
      const result = new asyncio.Event()
      go("pop", () => lock.use(() => stopped.wait()))
      go("add", () => lock.use(() => result.set()))
      go("main", async () => {
        await result.wait()
        stopped.set()
      })
    }
  },
  {
    name: "kubernetes30872",
    bug: "two locks in two orders, and a third task that stops them",
    lost: ["controller", "deliverer", "stop"],
    begin: (go) => {
      const informer = new asyncio.Lock()
      const queue = new asyncio.Lock()
      const stopped = new asyncio.Event()
      const addCluster = () => informer.use(() => {})
      const hasSynced = () => queue.use(() => {})
      go("controller", () =>
        queue.use(async () => {
          await iterations(5)
          await addCluster()
        })
      )
      go("deliverer", () => informer.use(hasSynced))
      go("stop", async () => {
        await stopped.wait()
        await informer.use(() => {})
      })
      stopped.set()
    }
  },
  {
    name: "kubernetes38669",
    bug: "sends what was there before, and nobody receives yet",
    lost: ["process"],
    begin: (go) => {
      const input = new Channel<number>()
      const result = new Channel<number>()
      go("process", async () => {
        for (const event of [1, 2]) await result.send(event)
        while ((await input.receive()) !== undefined);
        result.close()
      })
      go("main", async () => {
        await iterations(1)
        input.close()
      })
    }
  },
  {
    name: "kubernetes58107",
    bug: "two queues wait for work under a lock that somebody wants to write under",
    lost: ["worker 1", "worker 2", "sync"],
    begin: (go) => {
      const lock = new ReadWriteLock()
      const worker = (filled: asyncio.Condition) => async () => {
        await lock.read()
        await filled.use(() => filled.wait())
        await lock.endRead()
      }
      const [first, second] = [new asyncio.Condition(), new asyncio.Condition()]
      go("worker 1", worker(first))
      go("sync", async () => {
        await iterations(10)
        await lock.write()
        await lock.endWrite()
      })
      go("worker 2", async () => {
        await iterations(20)
        await worker(second)()
        await first.use(() => first.notify())
      })
    }
  },
  {
    name: "kubernetes62464",
    bug: "reads twice under a lock, and another reader goes on to write",
    lost: ["reconcile", "remove"],
    begin: (go) => {
      const lock = new ReadWriteLock()
      const read = async () => {
        await lock.read()
        await lock.endRead()
      }
      go("reconcile", async () => {
        await lock.read()
        await iterations(20)
        await read()
        await lock.endRead()
      })
      go("remove", async () => {
        await read()
        await lock.write()
        await lock.endWrite()
      })
    }
  },
  {
    name: "kubernetes70277",
    bug: "waits for a channel that nobody closes, as it was made for another one",
    lost: ["main"],
    begin: (go) => {
      const poll = (done: asyncio.Event) => {
        const ticks = new Channel()
        go("poller", async () => {
          await select(
            () => ticks.send(),
            () => done.wait()
          )
          ticks.close()
        })
        return ticks
      }
      go("main", async () => {
        const done = new asyncio.Event()
        await poll(done).receive()
        await done.wait()
      })
    }
  }
]
