// Tasks that nothing can wake any more, among others that something can.
import * as asyncio from "@effect-asyncio/compat"

const resolvers: Array<() => void> = []

async function lost() {
  await new Promise(() => {})
}

async function held() {
  await new Promise<void>((resolve) => resolvers.push(resolve))
}

async function sleeping() {
  await asyncio.sleep("1 hour")
}

async function main() {
  for (let i = 0; i < 3; i++) {
    asyncio.createTask(lost, { name: `lost ${i + 1}` })
    asyncio.createTask(held, { name: `held ${i + 1}` })
    asyncio.createTask(sleeping, { name: `sleeping ${i + 1}` })
  }
  asyncio.createTask(() => asyncio.createTask(lost, { name: "lost \u001B[31mchild" }), { name: "parent" })
  asyncio.createTask(
    async () => {
      await asyncio.createTask(lost, { name: "lost child" })
    },
    { name: "lost parent" }
  )
  await asyncio.sleep(0)
  await asyncio.sleep(0)
  console.log("ready")
  await asyncio.sleep("1 hour")
  for (const resolve of resolvers) resolve()
}

await asyncio.run(main)
