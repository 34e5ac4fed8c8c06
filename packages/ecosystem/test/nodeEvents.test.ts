import { EventEmitter, on, once } from "node:events"
import { localWays } from "./support/clients.ts"

const library = "node:events"

localWays({ library, operation: "once(emitter, name, { signal })" }, (signal) =>
  once(new EventEmitter(), "never", { signal })
)

localWays({ library, operation: "once(target, name, { signal })" }, (signal) =>
  once(new EventTarget(), "never", { signal })
)

localWays({ library, operation: "for await (… of on(emitter, name, …))" }, async (signal) => {
  for await (const _ of on(new EventEmitter(), "never", { signal })) continue
})
