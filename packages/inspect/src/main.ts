#!/usr/bin/env node
/**
 * What `npx @effect-asyncio/inspect` runs.
 */
import { once } from "node:events"
import { command } from "./command.ts"

const { stderr, stdout } = process

/** Why nothing can be printed any more. A command hears of it when it prints, so that it tidies up. */
let broken: NodeJS.ErrnoException | undefined
stdout.on("error", (error) => (broken ??= error))
stderr.on("error", () => {})

const { FORCE_COLOR: forced, NO_COLOR: without } = process.env
const colors = (without === undefined || without === "") && (stdout.isTTY || (forced !== undefined && forced !== "0"))

const out = async (text: string): Promise<void> => {
  if (broken !== undefined) throw broken
  if (!stdout.write(text)) await once(stdout, "drain")
}

const exitCode = await command(process.argv.slice(2), { out, err: (text) => void stderr.write(text), colors }).catch(
  (error: unknown) => {
    if (error !== broken) throw error
    return 0
  }
)
// What was printed last.
await new Promise<void>((resolve) => stdout.write("", () => resolve()))
// A reader of the first lines only, `head` for one, has read enough.
const isEnough = broken?.code === "EPIPE"
if (broken !== undefined && !isEnough) stderr.write(`cannot print: ${broken.message}\n`)
process.exitCode = broken === undefined ? exitCode : isEnough ? 0 : 1
