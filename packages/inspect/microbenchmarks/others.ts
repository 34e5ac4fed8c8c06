/**
 * Programs from bugs of Hugo, Istio, Knative Serving and Syncthing.
 */
import * as asyncio from "@effect-asyncio/compat"
import { Channel, Once, type Program, ReadWriteLock, select, iterations, WaitGroup } from "./go.ts"

export const others: ReadonlyArray<Program> = [
  {
    name: "hugo3251",
    bug: "waits for the lock of a page under the lock of all of them",
    lost: ["fetch 1", "fetch 2", "main"],
    begin: (go) => {
      const all = new ReadWriteLock()
      const page = new asyncio.Lock()
      const fetched = new WaitGroup()
      for (const number of [1, 2]) {
        fetched.add()
        go(`fetch ${number}`, async () => {
          await all.write()
          await page.acquire()
          await all.endWrite()
          await iterations(20)
          await all.read()
          page.release()
          await all.endRead()
          fetched.done()
        })
      }
      go("main", () => fetched.wait())
    }
  },
  {
    name: "hugo5379",
    bug: "what is made once makes itself, under the lock that it takes",
    lost: ["content", "renderer 1", "renderer 2", "main"],
    begin: (go) => {
      const lock = new asyncio.Lock()
      const [content, plain] = [new Once(), new Once()]
      const rendered = new WaitGroup()
      const countWords = async (): Promise<void> => {
        await content.do(async () => {
          const made = new Channel(1)
          go("content", () =>
            lock.use(async () => {
              await countWords()
              await made.send()
            })
          )
          await select(
            () => made.receive(),
            () => iterations(20)
          )
        })
        await plain.do(() => lock.use(() => {}))
      }
      for (const number of [1, 2]) {
        rendered.add()
        go(`renderer ${number}`, async () => {
          await countWords()
          rendered.done()
        })
      }
      go("main", () => rendered.wait())
    }
  },
  {
    name: "istio16224",
    bug: "a handler sends under the lock that who receives takes first",
    lost: ["controller", "main"],
    begin: (go) => {
      const lock = new asyncio.Lock()
      const events = new Channel()
      const done = new Channel()
      const stopped = new asyncio.Event()
      const onEvent = () => lock.use(() => done.send())
      go("controller", async () => {
        while (
          (await select(
            () => stopped.wait(),
            () => events.receive()
          )) !== 0
        ) {
          await onEvent()
        }
      })
      go("main", async () => {
        await events.send()
        await iterations(10)
        await lock.use(() => {})
        await done.receive()
        stopped.set()
      })
    }
  },
  {
    name: "istio17860",
    bug: "who receives ends with the first, and there is a second",
    lost: ["epoch 2"],
    begin: (go) => {
      const statuses = new Channel<number>()
      const active = new Set<number>()
      const restart = (epoch: number) => {
        active.add(epoch)
        go(`epoch ${epoch}`, () => statuses.send(epoch))
      }
      go("run", async () => {
        do active.delete((await statuses.receive()) ?? 0)
        while (active.size > 0)
      })
      go("main", async () => {
        restart(1)
        await iterations(20)
        restart(2)
      })
    }
  },
  {
    name: "istio18454",
    bug: "waits for a timer whose ring is received already",
    lost: ["strategy", "processor"],
    begin: (go) => {
      const events = new Channel(8)
      const reset = new Channel(1)
      const rings = new Channel(1)
      const stopped = new asyncio.Event()
      go("strategy", async () => {
        await rings.send()
        for (;;) {
          const which = await select(
            () => rings.receive(),
            () => reset.receive(),
            () => stopped.wait()
          )
          if (which === 2) return
          // The timer has rung, and is not stopped any more.
          if (which === 1) await rings.receive()
        }
      })
      go("processor", async () => {
        for (let i = 0; i < 8; i++) await events.send()
        await iterations(20)
        for (let i = 0; i < 8; i++) {
          await events.receive()
          await reset.send()
        }
        stopped.set()
      })
    }
  },
  {
    name: "serving2137",
    bug: "lets the first request go on, and the second has its place",
    lost: ["request 1", "request 2", "main"],
    begin: (go) => {
      const active = new Channel(1)
      const request = (number: number) => {
        const lock = new asyncio.Lock()
        const accepted = new Channel<boolean>(1)
        go(`request ${number}`, async () => {
          await lock.acquire()
          lock.release()
          // The second one is faster.
          await iterations(20 * (3 - number))
          await active.send()
          await lock.use(() => {})
          await active.receive()
          await accepted.send(true)
        })
        return { lock, accepted }
      }
      go("main", async () => {
        const requests = [1, 2].map(request)
        await iterations(10)
        for (const { lock } of requests) await lock.acquire()
        for (const { accepted, lock } of requests) {
          lock.release()
          await accepted.receive()
        }
      })
    }
  },
  {
    name: "syncthing4829",
    bug: "notifies under a lock who reads under it",
    lost: ["clear"],
    begin: (go) => {
      const lock = new ReadWriteLock()
      const notify = async () => {
        await lock.read()
        await lock.endRead()
      }
      go("clear", async () => {
        await lock.write()
        await notify()
        await lock.endWrite()
      })
    }
  },
  {
    name: "syncthing5795",
    bug: "a dispatcher waits for its own end",
    lost: ["dispatcher", "main"],
    begin: (go) => {
      const inbox = new Channel()
      const closed = new asyncio.Event()
      const stopped = new asyncio.Event()
      const close = async () => {
        closed.set()
        await stopped.wait()
      }
      go("dispatcher", async () => {
        await select(
          () => inbox.receive(),
          () => closed.wait()
        )
        await close()
        stopped.set()
      })
      go("main", async () => {
        await inbox.send()
        await stopped.wait()
      })
    }
  }
]

const sendResult = async (results: Channel<string>, failed: boolean) => {
  if (failed) await results.send("failure")
  await results.send("result")
}

/** Patterns that are found in many programs. */
export const patterns: ReadonlyArray<Program> = [
  {
    name: "NoCloseRange",
    bug: "a channel that is not closed, and one that nobody receives from",
    lost: ["sender without workers", "worker 1", "worker 2", "worker 3"],
    begin: (go) => {
      const spread = async (workers: number) => {
        const items = new Channel<number>()
        for (let i = 1; i <= workers; i++) {
          go(`worker ${i}`, async () => {
            while ((await items.receive()) !== undefined);
          })
        }
        for (const item of [1, 2, 3]) await items.send(item)
      }
      go("sender without workers", () => spread(0))
      go("sender", () => spread(3))
    }
  },
  {
    name: "MethodContractViolation",
    bug: "a worker that is not stopped",
    lost: ["worker"],
    begin: (go) => {
      const startWorker = () => {
        const items = new Channel<number>()
        const stopped = new asyncio.Event()
        go("worker", async () => {
          while (
            (await select(
              () => stopped.wait(),
              () => items.receive()
            )) !== 0
          );
        })
        return { add: (item: number) => items.send(item), stop: () => stopped.set() }
      }
      go("main", async () => {
        const worker = startWorker()
        for (let item = 0; item < 10; item++) await worker.add(item)
      })
    }
  },
  {
    name: "DoubleSend",
    bug: "sends the failure, and then the result as well",
    lost: ["sender that fails"],
    begin: (go) => {
      const [results, buffered] = [new Channel<string>(), new Channel<string>(1)]
      go("main", async () => {
        go("sender", () => sendResult(results, false))
        await results.receive()
        go("sender that fails", () => sendResult(results, true))
        await results.receive()
        go("sender with room", () => sendResult(buffered, true))
        await buffered.receive()
      })
    }
  },
  {
    name: "EarlyReturn",
    bug: "returns before it receives",
    lost: ["sender"],
    begin: (go) => {
      const hasFailed = true
      go("main", async () => {
        const result = new Channel()
        go("sender", () => result.send())
        if (hasFailed) return
        await result.receive()
      })
    }
  },
  {
    name: "NCastLeak",
    bug: "receives the first of several results, also where there are none",
    lost: ["item 2", "item 3", "item 4", "item 5", "first of none"],
    begin: (go) => {
      const first = (count: number) => async () => {
        const results = new Channel()
        for (let i = 1; i <= count; i++) go(`item ${i}`, () => results.send())
        await results.receive()
      }
      go("first of none", first(0))
      go("first of five", first(5))
    }
  },
  {
    name: "Timeout",
    bug: "is cancelled, and who sends is not",
    lost: Array.from({ length: 100 }, (_, i) => `sender ${i + 1}`),
    begin: (go) => {
      const cancelled = new asyncio.Event()
      cancelled.set()
      for (let i = 1; i <= 100; i++) {
        go(`receiver ${i}`, async () => {
          const result = new Channel()
          go(`sender ${i}`, async () => {
            await iterations(20)
            await result.send()
          })
          await select(
            () => result.receive(),
            () => cancelled.wait()
          )
        })
      }
    }
  }
]
