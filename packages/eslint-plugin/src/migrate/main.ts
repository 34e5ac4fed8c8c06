#!/usr/bin/env node
/**
 * What `npx @effect-asyncio/eslint-plugin` runs.
 */
import { command } from "./command.ts"

process.exitCode = command(process.argv.slice(2), process.cwd(), {
  out: (text) => process.stdout.write(text),
  err: (text) => process.stderr.write(text)
})
