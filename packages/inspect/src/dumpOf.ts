/**
 * Reading a process from a program.
 *
 * @since 0.1.0
 */
import { readDump } from "./client/dump.ts"
import { find } from "./client/find.ts"
import type { Dump } from "./protocol.ts"

/**
 * Everything that is known of a process, given by its number or its name: what `npx @effect-asyncio/inspect dump` prints.
 *
 * It rejects with an {@link InspectError}: no such process, one that does not let itself be looked into, does not answer for ten seconds,
 * or ends meanwhile.
 *
 * @category inspecting
 * @since 0.1.0
 */
export const dumpOf = async (process: number | string): Promise<Dump> => {
  const connection = await find(String(process), {})
  try {
    return await readDump(connection)
  } finally {
    connection.close()
  }
}
