// A page with tasks of its own, a worker that has some, and a tool of another site in a frame.
/// <reference lib="dom" />
import * as asyncio from "@effect-asyncio/compat"
import { mountDashboard, openDashboard, type Panel, serveToWindow } from "@effect-asyncio/inspect/browser"

const worker = new Worker("/worker.js", { type: "module", name: "prices" })
const { port1, port2 } = new MessageChannel()
worker.postMessage({ inspect: port1 }, [port1])

void asyncio.run(async () => {
  const event = new asyncio.Event()
  const tasks = [
    asyncio.createTask(() => event.wait(), { name: "basket", labels: { customer: 7 } }),
    asyncio.createTask(() => event.wait(), { name: '<img src="x" onerror="hacked = true">' })
  ]
  await asyncio.gather(tasks, { returnExceptions: true })
})

const onPressed = (id: string, press: () => void) => document.querySelector(id)!.addEventListener("click", press)

let panel: Panel | undefined
onPressed("#mount", async () => {
  panel = await mountDashboard(document.querySelector("#tasks")!, { name: "shop", ports: [port2], allowCancel: true })
})
onPressed("#close", () => panel?.close())
onPressed("#open", () => void openDashboard({ name: "shop" }))

for (const [frame, origin] of [
  ["#tool", "http://tools.example"],
  // What is in this frame is not who may look.
  ["#evil", "http://tools.example"]
] as const) {
  serveToWindow(document.querySelector<HTMLIFrameElement>(frame)!.contentWindow!, origin, { name: "shop" })
}
