// A worker that lets the page look.
/// <reference lib="dom" />
import * as asyncio from "@effect-asyncio/compat"
import { serveTo } from "@effect-asyncio/inspect/browser"

addEventListener("message", ({ data }: MessageEvent<{ readonly inspect?: unknown }>) => {
  if (data.inspect instanceof MessagePort) serveTo(data.inspect)
})

void asyncio.run(async () => {
  const event = new asyncio.Event()
  await asyncio.createTask(() => event.wait(), { name: "price of tea" })
})
