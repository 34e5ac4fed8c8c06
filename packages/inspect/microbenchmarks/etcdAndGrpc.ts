/**
 * Programs from bugs of etcd and of gRPC for Go.
 */
import * as asyncio from "@effect-asyncio/compat"
import { Channel, type Program, ReadWriteLock, select, iterations, WaitGroup } from "./go.ts"

export const etcd: ReadonlyArray<Program> = [
  {
    name: "etcd5509",
    bug: "fails without releasing the lock that it reads under",
    lost: ["close"],
    begin: (go) => {
      const lock = new ReadWriteLock()
      let isClosed = false
      go("close", async () => {
        await lock.write()
        isClosed = true
        await lock.endWrite()
        await iterations(20)
        await lock.write()
        await lock.endWrite()
      })
      go("get", async () => {
        await iterations(2)
        await lock.read()
        if (isClosed) return
        await lock.endRead()
      })
    }
  },
  {
    name: "etcd6708",
    bug: "writes under a lock, and reads under the same",
    lost: ["sync"],
    begin: (go) => {
      const lock = new ReadWriteLock()
      const leader = async () => {
        await lock.read()
        await lock.endRead()
      }
      go("sync", async () => {
        await lock.write()
        await leader()
        await lock.endWrite()
      })
    }
  },
  {
    name: "etcd6857",
    bug: "who answers is stopped, and who asks waits",
    lost: ["status"],
    begin: (go) => {
      const status = new Channel()
      const stop = new Channel()
      const done = new asyncio.Event()
      go("run", async () => {
        while (
          (await select(
            () => stop.receive(),
            () => status.receive()
          )) !== 0
        );
        done.set()
      })
      go("stop", async () => {
        await stop.send()
        await done.wait()
      })
      go("status", async () => {
        await iterations(20)
        await status.send()
      })
    }
  },
  {
    name: "etcd6873",
    bug: "stopping holds the lock that the task needs for which it waits",
    lost: ["stop", "coalesce"],
    begin: (go) => {
      const lock = new asyncio.Lock()
      const updates = new Channel()
      const done = new asyncio.Event()
      go("coalesce", async () => {
        await updates.receive()
        await iterations(10)
        await lock.use(() => {})
        done.set()
      })
      go("stop", async () => {
        await updates.send()
        await lock.use(async () => {
          updates.close()
          await done.wait()
        })
      })
    }
  },
  {
    name: "etcd7492",
    bug: "sends under a lock to a task that is about to take it",
    lost: ["assign 2", "keeper", "main"],
    begin: (go) => {
      const lock = new asyncio.Lock()
      const added = new Channel()
      const assigned = new WaitGroup()
      go("keeper", async () => {
        for (;;) {
          await added.receive()
          await iterations(5)
          // The ticker rings.
          await lock.use(() => {})
        }
      })
      for (const number of [1, 2]) {
        assigned.add()
        go(`assign ${number}`, async () => {
          await lock.use(() => added.send())
          assigned.done()
        })
      }
      go("main", () => assigned.wait())
    }
  },
  {
    name: "etcd7902",
    bug: "a follower waits under the lock for a leader who needs it",
    lost: ["leader", "follower 1", "follower 2", "main"],
    begin: (go) => {
      const lock = new asyncio.Lock()
      const rounds = new WaitGroup()
      const next = new asyncio.Event()
      const round = async (release: () => unknown) => {
        await lock.use(release)
        rounds.done()
      }
      rounds.add(3)
      go("follower 1", () => round(() => next.wait()))
      go("leader", () => round(() => next.set()))
      go("follower 2", () => round(() => next.wait()))
      go("main", () => rounds.wait())
    }
  },
  {
    name: "etcd10492",
    bug: "calls back under the lock that the callback takes",
    lost: ["renew"],
    begin: (go) => {
      const lock = new asyncio.Lock()
      const checkpoint = () => lock.use(() => {})
      go("renew", () => lock.use(checkpoint))
    }
  }
]

export const grpc: ReadonlyArray<Program> = [
  {
    name: "grpc660",
    bug: "is told to stop, and receives no longer",
    lost: ["call"],
    begin: (go) => {
      const stopped = new asyncio.Event()
      go("main", async () => {
        const done = new Channel()
        go("call", async () => {
          await iterations(20)
          await done.send()
        })
        stopped.set()
        await select(
          () => stopped.wait(),
          () => done.receive()
        )
      })
    }
  },
  {
    name: "grpc795",
    bug: "a lock that is not released, and is taken where it should be",
    lost: ["serve", "main"],
    begin: (go) => {
      const lock = new asyncio.Lock()
      let isDraining = false
      const stop = async () => {
        await lock.acquire()
        if (isDraining) {
          await lock.acquire()
          return
        }
        isDraining = true
      }
      go("main", async () => {
        go("serve", async () => {
          await iterations(2)
          await lock.use(() => {})
        })
        for (let i = 0; i < 3; i++) await stop()
      })
    }
  },
  {
    name: "grpc862",
    bug: "a connection that failed is not closed",
    lost: ["reset"],
    begin: (go) => {
      const connect = async () => {
        const closed = new asyncio.Event()
        go("reset", () => closed.wait())
        await iterations(1)
        return undefined
      }
      go("main", connect)
    }
  },
  {
    name: "grpc1275",
    bug: "closing a stream does not tell who reads from it",
    lost: ["reader"],
    begin: (go) => {
      const received = new Channel()
      const done = new asyncio.Event()
      go("main", async () => {
        go("reader", async () => {
          await received.receive()
          done.set()
        })
        await select(
          () => done.wait(),
          () => iterations(10)
        )
      })
    }
  },
  {
    name: "grpc1424",
    bug: "the watcher ends without a word to who waits for it",
    lost: ["dial"],
    begin: (go) => {
      const watched = new Channel()
      const isEmpty = true
      go("dial", () => watched.receive())
      go("watcher", async () => {
        await iterations(1)
        if (isEmpty) return
        await watched.send()
      })
    }
  },
  {
    name: "grpc1460",
    bug: "waits under a lock to be waked by who needs it",
    lost: ["keepalive", "stream"],
    begin: (go) => {
      const lock = new asyncio.Lock()
      const awaken = new Channel()
      go("keepalive", () => lock.use(() => awaken.receive()))
      go("stream", () => lock.use(() => awaken.send()))
    }
  },
  {
    name: "grpc3017",
    bug: "one of the ways through a function does not release its lock",
    lost: ["loop", "main"],
    begin: (go) => {
      const lock = new asyncio.Lock()
      const done = new asyncio.Event()
      let isAborted = false
      const remove = async () => {
        await lock.use(() => {})
        const isStale = async () => {
          await lock.acquire()
          if (isAborted) return
          lock.release()
        }
        go("timer", async () => {
          await iterations(1)
          await isStale()
        })
      }
      go("loop", async () => {
        await remove()
        await lock.use(() => (isAborted = true))
        await iterations(20)
        await remove()
        done.set()
      })
      go("main", () => done.wait())
    }
  }
]
