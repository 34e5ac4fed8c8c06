import { afterEach, describe, vi } from "vitest"
import { type Loaded, storesOfTasks } from "./storesOfTasks.ts"

afterEach(() => {
  vi.unstubAllGlobals()
  vi.resetModules()
})

type AsyncHooks = typeof import("node:async_hooks")

/** Hosts of other kinds: their resources do not lead to Node's frames, or they have none. */
const hosts: Record<string, (hooks: AsyncHooks) => Partial<AsyncHooks>> = {
  resources: ({ AsyncLocalStorage, AsyncResource }) => ({
    AsyncLocalStorage,
    AsyncResource: class {
      readonly #resource: InstanceType<AsyncHooks["AsyncResource"]>
      constructor(type: string) {
        this.#resource = new AsyncResource(type)
      }
      runInAsyncScope(...args: Parameters<InstanceType<AsyncHooks["AsyncResource"]>["runInAsyncScope"]>) {
        return this.#resource.runInAsyncScope(...args)
      }
      emitDestroy() {
        this.#resource.emitDestroy()
        return this
      }
    } as unknown as AsyncHooks["AsyncResource"]
  }),
  snapshots: ({ AsyncLocalStorage }) => ({ AsyncLocalStorage })
}

/** Core as it is loaded by a host of a kind. */
const load = async (kind: string): Promise<Loaded> => {
  const host = process
  const changed = hosts[kind]!(host.getBuiltinModule("node:async_hooks"))
  const getBuiltinModule = (name: string) => (name === "node:async_hooks" ? changed : host.getBuiltinModule(name))
  vi.stubGlobal("process", Object.create(host, { getBuiltinModule: { value: getBuiltinModule } }))
  vi.resetModules()
  return {
    asyncio: await import("@effect-asyncio/core"),
    lowlevel: await import("@effect-asyncio/core/lowlevel"),
    testing: await import("@effect-asyncio/core/testing")
  }
}

describe.for(Object.keys(hosts))("the AsyncLocalStorage stores, kept as %s", (kind) => {
  storesOfTasks(() => load(kind))
})
