import * as asyncio from "@effect-asyncio/compat"

async function upload(slots: asyncio.Semaphore, file: string) {
  await slots.acquire()
  await compress(file)
  try {
    await send(file)
  } finally {
    slots.release()
  }
}

// Stands for the real ones.
const compress = (_file: string) => asyncio.sleep("20 millis")
const send = (_file: string) => asyncio.sleep("1 second")

export async function uploads() {
  const slots = new asyncio.Semaphore(2)
  await asyncio.taskGroup(async (group) => {
    for (const file of ["a.png", "b.png", "c.png"]) group.createTask(() => upload(slots, file), { name: file })
  })
}
