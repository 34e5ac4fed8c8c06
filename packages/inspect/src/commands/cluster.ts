/**
 * `cluster`: lets a cluster be looked into from here, of which no more is known than where its tasks are kept.
 */
import { once } from "node:events"
import { createRequire } from "node:module"
import { join } from "node:path"
import { pathToFileURL } from "node:url"
import { onTasksElsewhereUnsafe, safely } from "@effect-asyncio/core/lowlevel"
import { InspectError } from "../errors.ts"
import { placeText } from "../place.ts"
import { serve } from "../serve.ts"
import { printable } from "../text/printable.ts"
import { type CommonOptions, type Io, printJson } from "./io.ts"

/** What is used of `@effect-asyncio/cluster/look`, which is only there where it was installed. */
interface Look {
  readonly lookInto: (address: string) => Promise<() => Promise<void>>
}

const variable = "EFFECT_ASYNCIO_CLUSTER"

export const cluster = async (io: Io, given: string | undefined, options: CommonOptions): Promise<number> => {
  const address = given ?? process.env[variable] ?? ""
  if (address === "") {
    throw new InspectError(
      `say where the tasks of the cluster are kept: in ${variable}, or behind the command, where other users of this machine can read it`,
      2
    )
  }
  const { lookInto } = await installed()
  const serving = await serve({ name: "inspect cluster" })
  let name = ""
  const stop = onTasksElsewhereUnsafe((tasks) => {
    name = tasks.name
    return () => {}
  })
  try {
    const end = await lookInto(address).catch((error: unknown) => {
      throw new InspectError(`that cluster cannot be looked into: ${withoutAddress(messageOf(error), address)}`)
    })
    const place = placeText({ pid: process.pid, part: 1 })
    if (options.json === true) await printJson(io, { name, place })
    else await io.out(`${printable(name)} can be looked into as ${place}, until Ctrl-C\n`)
    await Promise.race([once(process, "SIGINT"), once(process, "SIGTERM")])
    await end()
    return 0
  } finally {
    stop()
    await serving.close()
  }
}

/** Beside this package, or in the project where the command is called: `npx` keeps this one elsewhere. */
const installed = async (): Promise<Look> => {
  const entry = "@effect-asyncio/cluster/look"
  for (const from of [import.meta.url, pathToFileURL(join(process.cwd(), "package.json")).href]) {
    try {
      return (await import(pathToFileURL(createRequire(from).resolve(entry)).href)) as Look
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      if (code !== "MODULE_NOT_FOUND" && code !== "ERR_MODULE_NOT_FOUND") throw error
    }
  }
  throw new InspectError(
    "that needs @effect-asyncio/cluster, which is not installed here; and for PostgreSQL @effect/sql-pg and @effect/platform-node"
  )
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/** The address opens the database: neither it nor its password is printed. */
const withoutAddress = (message: string, address: string): string => {
  const password = URL.canParse(address) ? new URL(address).password : ""
  // One that cannot be decoded is wrong, and is told so as it stands there.
  const decoded = safely(() => decodeURIComponent(password), password)
  const secrets = [address, password, decoded].filter((each) => each !== "")
  return printable(secrets.reduce((text, secret) => text.replaceAll(secret, "***"), message))
}
