// What the task library leaves to be written.
import * as asyncio from "@effect-asyncio/compat"

/** Promise.all that cancels the others when one fails, and fails as that one did. */
export const all = async <A>(bodies: ReadonlyArray<asyncio.AsyncFunction<A>>): Promise<ReadonlyArray<A>> => {
  try {
    const tasks = await asyncio.taskGroup((group) => bodies.map((body) => group.createTask(body)))
    return tasks.map((task) => task.result())
  } catch (error) {
    throw error instanceof asyncio.ExceptionGroup ? error.errors[0] : error
  }
}
