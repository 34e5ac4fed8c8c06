/**
 * Programs from bugs of CockroachDB.
 */
import * as asyncio from "@effect-asyncio/compat"
import { Channel, type Program, ReadWriteLock, select, iterations, WaitGroup } from "./go.ts"

/** Takes two locks, one inside of the other, and lets others run in between. */
const takeBoth = (outer: asyncio.Lock, inner: asyncio.Lock) => () =>
  outer.use(async () => {
    await iterations(5)
    await inner.use(() => {})
  })

/** Reads under a lock that it reads under already. */
const readTwice = (lock: ReadWriteLock) => async () => {
  await lock.read()
  await iterations(5)
  await lock.read()
  await lock.endRead()
  await lock.endRead()
}

const writeAfter = (count: number, lock: ReadWriteLock) => async () => {
  await iterations(count)
  await lock.write()
  await lock.endWrite()
}

export const cockroach: ReadonlyArray<Program> = [
  {
    name: "cockroach584",
    bug: "a loop ends without releasing its lock",
    lost: ["main"],
    begin: (go) => {
      const lock = new asyncio.Lock()
      const isClosed = true
      go("main", async () => {
        for (;;) {
          await lock.acquire()
          if (isClosed) break
          lock.release()
        }
        await lock.use(() => {})
      })
    }
  },
  {
    name: "cockroach1055",
    bug: "stopping holds the lock, and waits for tasks that end when they hear of it",
    lost: ["worker 1", "worker 2", "worker 3", "stop", "main"],
    begin: (go) => {
      const stoppers = [1, 2, 3].map((number) => ({
        number,
        lock: new asyncio.Lock(),
        running: new WaitGroup(),
        stopped: new asyncio.Event()
      }))
      const done = new asyncio.Event()
      for (const { lock, number, running, stopped } of stoppers) {
        go(`worker ${number}`, async () => {
          await lock.use(() => running.add())
          await stopped.wait()
          running.done()
        })
      }
      go("stop", async () => {
        await iterations(5)
        for (const { lock, running } of stoppers) await lock.use(() => running.wait())
        for (const { stopped } of stoppers) stopped.set()
        done.set()
      })
      go("main", () => done.wait())
    }
  },
  {
    name: "cockroach1462",
    bug: "who receives is told to stop first, and who sends waits",
    lost: ["sender", "main"],
    begin: (go) => {
      const stopped = new asyncio.Event()
      const workers = new WaitGroup()
      const events = new Channel()
      workers.add(2)
      go("sender", async () => {
        while (!stopped.isSet()) {
          await iterations(20)
          await events.send()
        }
        workers.done()
      })
      go("processor", async () => {
        while (
          (await select(
            () => stopped.wait(),
            () => events.receive()
          )) !== 0
        );
        workers.done()
      })
      go("main", async () => {
        await iterations(2)
        stopped.set()
        await workers.wait()
      })
    }
  },
  {
    name: "cockroach2448",
    bug: "two tasks send each other something, and neither receives",
    lost: ["store", "raft"],
    begin: (go) => {
      const stopped = new asyncio.Event()
      const events = new Channel()
      const callbacks = new Channel()
      go("store", async () => {
        await events.receive()
        await select(
          () => callbacks.send(),
          () => stopped.wait()
        )
      })
      go("raft", async () => {
        await events.send()
        await select(
          () => events.send(),
          () => stopped.wait()
        )
        await callbacks.receive()
      })
    }
  },
  {
    name: "cockroach3710",
    bug: "reads twice under a lock, and somebody wants to write in between",
    lost: ["scan", "process"],
    begin: (go) => {
      const lock = new ReadWriteLock()
      go("scan", readTwice(lock))
      go("process", writeAfter(3, lock))
    }
  },
  {
    name: "cockroach6181",
    bug: "reads twice under a lock, and the first that is done wants to write",
    lost: ["lookup 1", "lookup 2", "lookup 3", "main"],
    begin: (go) => {
      const lock = new ReadWriteLock()
      const lookups = new WaitGroup()
      for (const number of [1, 2, 3]) {
        lookups.add()
        go(`lookup ${number}`, async () => {
          await lock.read()
          await iterations(20 * number)
          await lock.read()
          await lock.endRead()
          await lock.endRead()
          await lock.write()
          await lock.endWrite()
          lookups.done()
        })
      }
      go("main", () => lookups.wait())
    }
  },
  {
    name: "cockroach7504",
    bug: "two locks in two orders",
    lost: ["acquire", "release"],
    begin: (go) => {
      const names = new asyncio.Lock()
      const leases = new asyncio.Lock()
      go("acquire", takeBoth(names, leases))
      go("release", takeBoth(leases, names))
    }
  },
  {
    name: "cockroach9935",
    bug: "a failure is handled under the lock that its handler takes",
    lost: ["log"],
    begin: (go) => {
      const lock = new asyncio.Lock()
      const exit = () => lock.use(() => {})
      go("log", () => lock.use(exit))
    }
  },
  {
    name: "cockroach10214",
    bug: "two locks in two orders, four calls apart",
    lost: ["heartbeats", "tick"],
    begin: (go) => {
      const coalesced = new asyncio.Lock()
      const raft = new asyncio.Lock()
      const replica = new asyncio.Lock()
      const reportUnreachable = () => raft.use(() => {})
      const coalesce = () => coalesced.use(() => {})
      go("heartbeats", () =>
        coalesced.use(async () => {
          await iterations(5)
          await reportUnreachable()
        })
      )
      go("tick", () => raft.use(() => replica.use(coalesce)))
    }
  },
  {
    name: "cockroach10790",
    bug: "a command is given up, and the task that it began waits for the rest of its channels",
    lost: ["drain"],
    begin: (go) => {
      const cancelled = new asyncio.Event()
      const channels = [new Channel(), new Channel()]
      go("sender", async () => {
        for (const channel of channels) {
          await select(
            () => channel.send(),
            () => cancelled.wait()
          )
          await iterations(5)
          cancelled.set()
          if (cancelled.isSet()) return
        }
      })
      go("begin", async () => {
        go("drain", async () => {
          for (const channel of channels) await channel.receive()
        })
        await cancelled.wait()
      })
    }
  },
  {
    name: "cockroach13197",
    bug: "a transaction is neither committed nor cancelled",
    lost: ["await done"],
    begin: (go) => {
      go("main", async () => {
        const cancelled = new asyncio.Event()
        go("await done", () => cancelled.wait())
        await iterations(1)
      })
    }
  },
  {
    name: "cockroach13755",
    bug: "the rows of a query are not closed",
    lost: ["await done"],
    begin: (go) => {
      const query = () => {
        const closed = new asyncio.Event()
        go("await done", () => closed.wait())
        return { close: () => closed.set() }
      }
      go("main", async () => {
        query()
        await iterations(1)
      })
    }
  },
  {
    name: "cockroach16167",
    bug: "reads twice under a lock that goes by two names",
    lost: ["execute", "start"],
    begin: (go) => {
      const lock = new ReadWriteLock()
      go("execute", readTwice(lock))
      go("start", writeAfter(2, lock))
    }
  },
  {
    name: "cockroach18101",
    bug: "who receives is cancelled, and who sends is not",
    lost: ["split"],
    begin: (go) => {
      const cancelled = new asyncio.Event()
      const ready = new Channel()
      go("restore", async () => {
        go("split", async () => {
          for (let i = 0; i < 3; i++) await ready.send()
        })
        while (
          (await select(
            () => cancelled.wait(),
            () => ready.receive()
          )) !== 0
        ) {
          cancelled.set()
        }
      })
    }
  },
  {
    name: "cockroach24808",
    bug: "who receives is begun after what it waits behind",
    lost: ["main"],
    begin: (go) => {
      const suggestions = new Channel(1)
      go("main", async () => {
        await suggestions.send()
        await suggestions.send()
        go("compactor", () => suggestions.receive())
      })
    }
  },
  {
    name: "cockroach25456",
    bug: "asks whether it has to stop by waiting for it",
    lost: ["main"],
    begin: (go) => {
      const quiesced = new asyncio.Event()
      go("main", () => quiesced.wait())
    }
  },
  {
    name: "cockroach35073",
    bug: "who receives has ended, and did not close its channel",
    lost: ["pusher", "main"],
    begin: (go) => {
      const size = 16
      const rows = new Channel(size)
      go("main", async () => {
        for (let i = 0; i < size; i++) await rows.send()
        go("pusher", () => rows.send())
        const outbox = go("outbox", () => iterations(1))
        await outbox
        await rows.send()
      })
    }
  },
  {
    name: "cockroach35931",
    bug: "tells two streams one after the other, and the first one is full",
    lost: ["main"],
    begin: (go) => {
      const streams = [new Channel(1), new Channel(1)]
      go("main", async () => {
        await streams[0]!.send()
        for (const stream of streams) await stream.send()
      })
    }
  }
]
