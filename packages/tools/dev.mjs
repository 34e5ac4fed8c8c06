#!/usr/bin/env node
// Runs a command of this repository with the tools it pins. Needs nothing but Node.js >= 20 and npm.
//
//   npm run dev                           lists the commands
//   npm run dev -- sizes --write          one of them; arguments go to its last step
//   node packages/tools/dev.mjs sizes     the same without npm
//
// EFFECT_ASYNCIO_NODE=22.23.3 takes that Node.js from npm instead of the machine's own or the default in toolchain.mjs.
//
// The command runs without npx and pnpm in between: each of them would pass a Ctrl-C on once more, and a program that ends
// hard at the second one would never end softly.
import { spawn } from "node:child_process"
import { closeSync, openSync } from "node:fs"
import { constants } from "node:os"
import { commands, listOfCommands, nearestCommand } from "./commands.mjs"
import { root, setUp, windows } from "./toolchain.mjs"

/** Whether a Ctrl-C can come from a terminal, which sends it to the command as well as to this process. */
const hasTerminal = () => {
  try {
    closeSync(openSync("/dev/tty", "r"))
    return true
  } catch {
    return windows
  }
}

/**
 * Runs one step to its end and gives its exit code, 128 + n after signal n as shells do.
 *
 * @param {string} command
 * @param {ReadonlyArray<string>} args
 * @returns {Promise<number>}
 */
const run = (command, args) =>
  new Promise((resolve, reject) => {
    // `exec` replaces the shell, so that a signal sent to the child reaches the command.
    const child = windows
      ? spawn(`${command} ${args.join(" ")}`, { cwd: root, stdio: "inherit", shell: true })
      : spawn("sh", ["-c", `exec ${command} "$@"`, "sh", ...args], { cwd: root, stdio: "inherit" })

    // A terminal, or a kill of the whole process group, interrupts the command directly, and forwarding would make it
    // two. A kill of this process alone looks the same from here, so a command that goes on gets it a second later.
    const terminal = hasTerminal()
    /** @type {NodeJS.Timeout | undefined} */
    let forwarding
    const onInterrupt = () => {
      if (!terminal) forwarding ??= setTimeout(() => child.kill("SIGINT"), 1000)
    }
    const onTerminate = () => child.kill("SIGTERM")
    process.on("SIGINT", onInterrupt)
    process.on("SIGTERM", onTerminate)

    child.on("error", reject)
    child.on("exit", (code, signal) => {
      clearTimeout(forwarding)
      process.off("SIGINT", onInterrupt)
      process.off("SIGTERM", onTerminate)
      resolve(signal === null ? (code ?? 1) : 128 + constants.signals[signal])
    })
  })

const [name = "--help", ...args] = process.argv.slice(2)
if (name === "--help" || name === "help") {
  console.log(listOfCommands())
  process.exit(0)
}
const command = Object.hasOwn(commands, name) ? commands[name] : undefined
if (command === undefined) {
  const nearest = nearestCommand(name)
  const hint = nearest === undefined ? "" : ` Did you mean "${nearest}"?`
  console.error(`There is no command "${name}".${hint} \`npm run dev\` lists all of them.`)
  process.exit(2)
}

const isNew = await setUp({ install: name !== "pnpm" })
const steps = name === "exec" ? args.splice(0, 1) : command.steps
for (const [index, step] of steps.entries()) {
  // Whoever is here for the first time waits for the build as well.
  if (isNew && steps.length > 1) console.error(`[dev] ${step}`)
  const code = await run(step, index === steps.length - 1 ? args : [])
  if (code !== 0) process.exit(code)
}
