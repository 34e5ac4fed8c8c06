// A shop, for the pictures of the dashboard and its tests: requests come and go, and some of what can go wrong does.
import * as asyncio from "@effect-asyncio/compat"

const orders = new asyncio.Queue<number>()
const connections = new asyncio.Semaphore(2)
const ledger = new asyncio.Lock()

const later = (millis: number) => asyncio.sleep(millis)

const query = (millis: number) => connections.use(() => later(millis))

const request = async (number: number) => {
  await query(40 + (number % 5) * 60)
  if (number % 7 === 3) throw new RangeError("the article <b>1038</b> is sold out")
  await asyncio.gather([
    asyncio.createTask(() => query(120), { name: "stock" }),
    asyncio.createTask(() => later(300), { name: "price", labels: { region: "north" } })
  ])
  await orders.put(number)
}

const server = async () => {
  for (let number = 1; ; number++) {
    const labels = { route: number % 3 === 0 ? "/cart" : "/order" }
    const task = asyncio.createTask(() => request(number), { name: `request ${number}`, labels })
    // Those that fail on the cart are forgotten.
    if (number % 7 !== 3) task.addDoneCallback(() => {})
    await later(150)
  }
}

const packer = async () => {
  for (;;) {
    await orders.get()
    await later(400)
  }
}

const bookkeeper = async () => {
  await ledger.acquire()
  await later(3_600_000)
}

/** Takes no notice of being asked to end. */
const stubborn = async () => {
  for (;;) await later(3_600_000).catch(() => {})
}

/** Keeps everybody waiting. */
const report = async () => {
  for (;;) {
    await later(4000)
    const end = performance.now() + 600
    while (performance.now() < end);
  }
}

/** Waits for a promise that nobody has kept the end of. */
const forgotten = async () => {
  await new Promise(() => {})
}

const ring = () => {
  const others: Array<asyncio.Task<unknown>> = []
  const wait = (i: number) => async () => {
    await later(0)
    await others[(i + 1) % 2]
  }
  others.push(asyncio.createTask(wait(0), { name: "hen" }), asyncio.createTask(wait(1), { name: "egg" }))
}

const main = async () => {
  ring()
  asyncio.createTask(forgotten, { name: "courier" })
  const tasks = [
    asyncio.createTask(server, { name: "server" }),
    asyncio.createTask(packer, { name: "packer 1", labels: { kind: "packer" } }),
    asyncio.createTask(packer, { name: "packer 2", labels: { kind: "packer" } }),
    asyncio.createTask(bookkeeper, { name: "bookkeeper" }),
    asyncio.createTask(() => ledger.use(() => later(0)), { name: "auditor" }),
    asyncio.createTask(stubborn, { name: "cache warmer" }),
    asyncio.createTask(report, { name: "nightly report" }),
    asyncio.createTask(() => later(3_600_000), { name: '<img src="x" onerror="hacked = true">\u202E' })
  ]
  console.log("ready")
  await asyncio.gather(tasks, { returnExceptions: true })
}

await asyncio.run(main, { handleSigint: false }).catch(() => {})
