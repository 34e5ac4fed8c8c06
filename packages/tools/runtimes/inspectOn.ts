/**
 * What can be had of inspect on each runtime, tried there, on the built packages: the process that is looked into and the command both run on it.
 *
 *   npm run dev -- inspect:hosts                   fails where docs/inspect.md says something else
 *   npm run dev -- inspect:hosts --on "node 20,bun"
 *   npm run dev -- inspect:hosts --save            writes it into the page
 */
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process"
import { once } from "node:events"
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { createInterface } from "node:readline"
import { text } from "node:stream/consumers"
import { parseArgs } from "node:util"
import { table } from "../docs/markdown.ts"
import { root } from "../repository.ts"
import { runOn, type Runtime, runtimes } from "./runtimes.ts"

const target = join(import.meta.dirname, "inspectTarget.mjs")
const main = join(root, "packages/inspect/dist/main.js")

interface Printed {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

/** How long something may take that never comes. */
const patience = 20_000

/** A runtime, and a folder in which its processes find each other. */
class Host {
  readonly #runtime: Runtime
  readonly #executable: string
  readonly folder: string
  readonly #begun: Array<ChildProcessWithoutNullStreams> = []

  private constructor(runtime: Runtime, executable: string, folder: string) {
    this.#runtime = runtime
    this.#executable = executable
    this.folder = folder
  }

  static async of(runtime: Runtime): Promise<Host> {
    const folder = mkdtempSync(join(tmpdir(), "hosts-"))
    const program = join(folder, "executable.mjs")
    writeFileSync(program, "console.log(process.execPath)")
    const { stdout } = await runOn(runtime, program)
    return new Host(runtime, stdout.trim(), folder)
  }

  #spawn(
    program: string,
    args: ReadonlyArray<string>,
    flags: ReadonlyArray<string> = []
  ): ChildProcessWithoutNullStreams {
    const given = [...this.#runtime.command.slice(1), ...flags, program, ...args]
    const env = {
      ...process.env,
      EFFECT_ASYNCIO_INSPECT_DIR: this.folder,
      EFFECT_ASYNCIO_INSPECT_WRITE: "SIGUSR2",
      EFFECT_ASYNCIO_INSPECT_WRITE_TO: this.folder,
      NO_COLOR: "1"
    }
    const child = spawn(this.#executable, given, { env })
    child.stdin.on("error", () => {})
    this.#begun.push(child)
    return child
  }

  /** A program of the target, and what it prints, line by line. */
  begin(program: string) {
    // Each with a port for its inspector that nobody else has.
    const flags = this.#runtime.command[0] === "node" ? ["--inspect-port=127.0.0.1:0"] : []
    const child = this.#spawn(target, [program, this.file], flags)
    child.stderr.resume()
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
    return { child, line: async () => String((await lines.next()).value) }
  }

  /** The program computes until this is there. */
  get file(): string {
    return join(this.folder, "enough")
  }

  start(...args: ReadonlyArray<string>): ChildProcessWithoutNullStreams {
    return this.#spawn(main, args)
  }

  async command(...args: ReadonlyArray<string>): Promise<Printed> {
    const child = this.start(...args)
    child.stdin.end()
    const closed = once(child, "close")
    const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)])
    const [code] = (await closed) as [number | null]
    return { code, out, err }
  }

  end(): void {
    for (const child of this.#begun) child.kill("SIGKILL")
    rmSync(this.folder, { recursive: true, force: true })
  }
}

/** What is tried; gives nothing where it can be had, and otherwise what is said. */
type Ability = (host: Host, pid: string, child: ChildProcessWithoutNullStreams) => Promise<string | undefined>

/** A command that ends well, or says why not. */
const command =
  (pattern: RegExp, ...args: ReadonlyArray<string>): Ability =>
  async (host, pid) => {
    const { err, out } = await host.command(args[0]!, pid, ...args.slice(1))
    return pattern.test(out)
      ? undefined
      : err
          .trim()
          .split("\n")
          .at(-1)!
          .replace(/^process \d+:? /, "")
  }

const within = async <A>(promise: Promise<A>): Promise<A | undefined> => {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), patience)
  })
  return await Promise.race([promise, late]).finally(() => clearTimeout(timer))
}

const nothing = "nothing is said"

const abilities: Readonly<Record<string, Ability>> = {
  "`list`, `ps`, `pstree`, `where`, `dump`": async (host, pid, child) => {
    const { out } = await host.command("list")
    if (!out.includes(pid)) return "it is not listed"
    for (const [args, pattern] of [
      [["ps"], /worker/],
      [["ps", "--wide"], /worker/],
      [["pstree"], /\(T\) waiter/],
      [["where", "waiter"], /worker/],
      [["dump"], /"waiter"/]
    ] as const) {
      const wrong = await command(pattern, ...args)(host, pid, child)
      if (wrong !== undefined) return wrong
    }
    return undefined
  },
  "answers while the program computes": async (host, pid, child) => {
    const computing = once(child.stdout, "data")
    child.stdin.write("\n")
    await computing
    const { code } = (await within(host.command("ps", pid))) ?? {}
    writeFileSync(host.file, "")
    return code === 0 ? undefined : "it waits until the program is done"
  },
  "`record`": command(/"traceEvents"/, "record", "50ms"),
  "`profile`": command(/busy ms/, "profile", "50ms"),
  "`dashboard`": async (host, pid) => {
    const child = host.start("dashboard", pid, "--port", "0")
    const address = await within(
      (async () => {
        for await (const line of createInterface({ input: child.stdout })) {
          const found = /http:\/\/\S+/.exec(line)
          if (found !== null) return found[0]
        }
        return undefined
      })()
    )
    if (address === undefined) return nothing
    const answer = await fetch(address, { redirect: "manual" })
    return answer.status < 400 ? undefined : `it answers ${answer.status}`
  },
  "`leaks`": command(/"name": "lost"/, "leaks", "--json"),
  "a dump on a signal": async (host, pid) => {
    process.kill(Number(pid), "SIGUSR2")
    const isThere = (async () => {
      while (!readdirSync(host.folder).some((name) => name.endsWith(".json"))) {
        await new Promise((resolve) => setTimeout(resolve, 50))
      }
      return true
    })()
    return (await within(isThere)) === true ? undefined : nothing
  },
  "`cancel`": command(/worker/, "cancel", "worker", "--wait", "5s"),
  "`--attach`": async (host) => {
    const { child, line } = host.begin("without the import")
    const pid = await line()
    return await command(/worker/, "ps", "--attach")(host, pid, child)
  },
  "a run that can never end is told so": async (host) => {
    const line = await within(host.begin("that never ends").line())
    return line === "DeadlockError" ? undefined : nothing
  },
  "`assertNoLeaks`": async (host) => {
    const line = await host.begin("with a test").line()
    return line.startsWith("LeakError") ? undefined : line
  }
}

const lookAt = async (runtime: Runtime): Promise<ReadonlyMap<string, string | undefined>> => {
  const host = await Host.of(runtime)
  try {
    const { child, line } = host.begin("that is looked into")
    const pid = await line()
    const found = new Map<string, string | undefined>()
    for (const [name, ability] of Object.entries(abilities)) {
      const wrong = await ability(host, pid, child)
      console.log(`${runtime.package}: ${name}: ${wrong ?? "yes"}`)
      found.set(name, wrong)
    }
    return found
  } finally {
    host.end()
  }
}

const page = join(root, "docs/inspect.md")
const [begin, end] = ["<!-- hosts -->", "<!-- /hosts -->"]

type Found = ReadonlyMap<string, string | undefined>

/** As the page calls it: "Node.js 20", "Bun 1.4". */
const titleOf = ({ package: name }: Runtime): string => {
  const [, host = "", major = "", minor = ""] = /^(\w+)[^@]*@(\d+)\.(\d+)/.exec(name) ?? []
  return host === "node" ? `Node.js ${major}` : `${host[0]!.toUpperCase()}${host.slice(1)} ${major}.${minor}`
}

/** What a row says of a runtime. Why not stands below. */
const cell = (found: Found, ability: string): string => (found.get(ability) === undefined ? "yes" : "no")

/** Who says the same is told of once. */
const reasons = (all: ReadonlyMap<string, Found>): ReadonlyArray<string> => {
  const names = new Map<string, Array<string>>()
  for (const [runtime, found] of all) {
    for (const [ability, wrong] of found) {
      if (wrong === undefined) continue
      const line = `${ability}: ${wrong}`
      names.set(line, [...(names.get(line) ?? []), runtime])
    }
  }
  return Array.from(names, ([line, runtimes]) => `- ${runtimes.join(", ")}: ${line}`)
}

const render = (all: ReadonlyMap<string, Found>): string =>
  [
    ...table(
      ["", ...all.keys()],
      Object.keys(abilities).map((ability) => [ability, ...Array.from(all.values(), (found) => cell(found, ability))])
    ),
    "",
    ...reasons(all)
  ].join("\n")

/** The page is formatted behind us: only its words count. */
const words = (text: string): string => text.replaceAll(/[-:\s|]+/g, " ").trim()

const { values } = parseArgs({ options: { on: { type: "string" }, save: { type: "boolean" } } })
const chosen = values.on?.split(",")
const wanted = runtimes.filter(({ name }) => chosen === undefined || chosen.includes(name))
const all = new Map(
  // At once: most of the time goes by waiting for what does not come.
  await Promise.all(wanted.map(async (runtime) => [titleOf(runtime), await lookAt(runtime)] as const))
)

const shown = readFileSync(page, "utf8")
const [from, to] = [shown.indexOf(begin) + begin.length, shown.indexOf(end)]
if (values.save === true) writeFileSync(page, `${shown.slice(0, from)}\n\n${render(all)}\n\n${shown.slice(to)}`)
else if (chosen === undefined && words(shown.slice(from, to)) !== words(render(all))) {
  console.log(`docs/inspect.md says something else: npm run dev -- inspect:hosts --save\n\n${render(all)}`)
  process.exitCode = 1
}
process.exit()
