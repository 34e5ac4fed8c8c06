#!/usr/bin/env node
/**
 * What `npx @effect-asyncio/inspect` runs.
 */
import { once } from "node:events"
import { command } from "./command.ts"

const { stderr, stdout } = process

// Whoever reads only the first lines, `head` for one, has read enough.
stdout.on("error", () => process.exit(0))

const { FORCE_COLOR: forced, NO_COLOR: without } = process.env
const colors = (without === undefined || without === "") && (stdout.isTTY || (forced !== undefined && forced !== "0"))

process.exitCode = await command(process.argv.slice(2), {
  out: async (text) => {
    if (!stdout.write(text)) await once(stdout, "drain")
  },
  err: (text) => void stderr.write(text),
  colors
})
