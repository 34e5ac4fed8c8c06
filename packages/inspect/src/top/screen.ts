/**
 * The screen of `top`. Ink draws it, and knows the terminal: its size, its keys, and how it was before.
 */
import { Box, type Key, render, Text, useApp, useInput, useStdout } from "ink"
import { createElement as h, type ReactNode, useEffect, useReducer, useState } from "react"
import type { LiveTask, Picture } from "../live/picture.ts"
import { type Order, stateOf, tableRows } from "../live/rows.ts"
import type { Warning } from "../live/warnings.ts"
import { padded } from "../text/padded.ts"
import { printable } from "../text/printable.ts"
import { columns, sortable, summary } from "./columns.ts"

/** What is seen, and what can be done about it. */
export interface Watched {
  readonly title: string
  readonly picture: Picture
  warnings: ReadonlyArray<Warning>
  /** Why nothing is heard any more. */
  over: string | undefined
  /** Calls back whenever there is something new; gives what ends that. */
  readonly onChange: (listener: () => void) => () => void
  /** All about a task, as lines; undefined where it has ended and is not remembered. */
  readonly detail: (id: number) => Promise<ReadonlyArray<string> | undefined>
  /** Asks a task to cancel itself, and says what becomes of it. */
  readonly cancel: (id: number, reason: string, news: (text: string) => void) => Promise<void>
}

export interface ScreenOptions {
  readonly order: Order
  readonly filter: string
  readonly stdin: NodeJS.ReadStream
  readonly stdout: NodeJS.WriteStream
}

const alternate = { enter: "\u001B[?1049h\u001B[H", leave: "\u001B[?1049l" }

/** Shows the screen until the person ends it, and leaves the terminal as it was. */
export const show = async (watched: Watched, options: ScreenOptions): Promise<void> => {
  const { stdin, stdout } = options
  stdout.write(alternate.enter)
  const leave = () => void stdout.write(alternate.leave)
  // However the process ends.
  process.once("exit", leave)
  const app = render(h(Screen, { watched, options }), {
    stdin,
    stdout,
    incrementalRendering: true,
    patchConsole: false
  })
  const stop = () => app.unmount()
  process.once("SIGTERM", stop)
  process.once("SIGHUP", stop)
  try {
    await app.waitUntilExit()
  } finally {
    process.off("SIGTERM", stop)
    process.off("SIGHUP", stop)
    process.off("exit", leave)
    leave()
  }
}

/** What is typed: a filter, or the reason of a cancellation; and whether a cancellation is confirmed. */
type Asking =
  | { readonly kind: "filter" }
  | { readonly kind: "reason"; readonly task: LiveTask; readonly text: string }
  | { readonly kind: "confirm"; readonly task: LiveTask; readonly text: string }

// The title, the line below it, the titles of the columns, the line of keys; and one that stays free, without which Ink clears all.
const otherLines = 5

const useSize = (): { readonly width: number; readonly height: number } => {
  const { stdout } = useStdout()
  const [, redraw] = useReducer((n: number) => n + 1, 0)
  useEffect(() => {
    stdout.on("resize", redraw)
    return () => void stdout.off("resize", redraw)
  }, [stdout])
  return { width: Math.max(40, stdout.columns || 80), height: Math.max(8, stdout.rows || 24) }
}

const useDetail = (watched: Watched, id: number | undefined): ReadonlyArray<string> => {
  const [lines, setLines] = useState<ReadonlyArray<string>>([])
  useEffect(() => {
    if (id === undefined) return undefined
    let isWanted = true
    setLines([])
    const ask = async () => {
      const next = await watched.detail(id).catch((error: unknown) => [String(error)])
      if (!isWanted) return
      setLines((before) => next ?? (before.length === 0 ? ["It has ended."] : before))
      setTimeout(() => isWanted && void ask(), 1000)
    }
    void ask()
    return () => {
      isWanted = false
    }
  }, [watched, id])
  return lines
}

/** What the person has chosen. Changed at once, and not when it is drawn: keys may come faster than that. */
class Choices {
  order: Order
  filter: string
  isPaused = false
  selected: number | undefined = undefined
  opened: number | undefined = undefined
  asking: Asking | undefined = undefined
  news = ""
  readonly #watched: Watched
  // How many tasks are seen at once.
  #room = 1
  readonly exit: () => void
  readonly redraw: () => void

  constructor(watched: Watched, { filter, order }: ScreenOptions, exit: () => void, redraw: () => void) {
    this.#watched = watched
    this.order = order
    this.filter = filter
    this.exit = exit
    this.redraw = redraw
  }

  /** The tasks in sight, and which one of all is selected. */
  sight(room: number): { readonly tasks: ReadonlyArray<LiveTask>; readonly current: LiveTask | undefined } {
    this.#room = room
    const { at, tasks } = this.#tasks()
    const from = Math.max(0, Math.min(at - Math.floor(room / 2), tasks.length - room))
    return { tasks: tasks.slice(from, from + room), current: tasks[at] }
  }

  #tasks(): { readonly tasks: ReadonlyArray<LiveTask>; readonly at: number } {
    const { tasks } = tableRows(this.#watched.picture, this.filter, this.order)
    const at = tasks.findIndex(({ id }) => id === this.selected)
    return { tasks, at: Math.max(0, at) }
  }

  /** A key: a character, or the name of a key that is none. */
  press(key: string): void {
    if (this.asking?.kind === "confirm") this.#answer(key, this.asking)
    else if (this.asking !== undefined) this.#type(key, this.asking)
    else this.#command(key)
    this.redraw()
  }

  #type(key: string, asking: Exclude<Asking, { readonly kind: "confirm" }>): void {
    const text = asking.kind === "filter" ? this.filter : asking.text
    const isFilter = asking.kind === "filter"
    if (key === "return") this.asking = isFilter ? undefined : { ...asking, kind: "confirm" }
    else if (key === "escape") {
      if (isFilter) this.filter = ""
      this.asking = undefined
    } else {
      const next = key === "backspace" ? text.slice(0, -1) : key.length === 1 ? text + key : text
      if (isFilter) this.filter = next
      else this.asking = { ...asking, text: next }
    }
  }

  #answer(key: string, { task, text }: Extract<Asking, { readonly kind: "confirm" }>): void {
    this.asking = undefined
    if (key !== "y") return this.#tell("nothing was cancelled")
    this.#watched.cancel(task.id, text, (news) => this.#tell(news)).catch((error: unknown) => this.#tell(String(error)))
  }

  #tell(news: string): void {
    this.news = news
    this.redraw()
  }

  #command(key: string): void {
    const { at, tasks } = this.#tasks()
    const move = (to: number) => {
      this.selected = tasks[Math.max(0, Math.min(tasks.length - 1, to))]?.id
    }
    const current = this.opened === undefined ? tasks[at] : this.#watched.picture.tasks.get(this.opened)
    const { column, descending } = this.order
    const commands: Readonly<Record<string, () => void>> = {
      up: () => move(at - 1),
      k: () => move(at - 1),
      down: () => move(at + 1),
      j: () => move(at + 1),
      pageUp: () => move(at - this.#room),
      pageDown: () => move(at + this.#room),
      g: () => move(0),
      G: () => move(tasks.length - 1),
      return: () => {
        this.opened = current?.id
      },
      escape: () => {
        this.opened = undefined
      },
      s: () => {
        const next = sortable[(sortable.indexOf(column) + 1) % sortable.length]!
        this.order = { column: next, descending: !["id", "name", "state"].includes(next) }
      },
      r: () => {
        this.order = { column, descending: !descending }
      },
      p: () => {
        this.isPaused = !this.isPaused
      },
      "/": () => {
        this.asking = { kind: "filter" }
      },
      c: () => {
        if (current !== undefined) this.asking = { kind: "reason", task: current, text: "" }
      },
      q: () => this.exit()
    }
    commands[key]?.()
  }
}

/** The names of keys that are no characters, as Ink tells them. */
const nameOf = (key: Key): string | undefined => {
  if (key.upArrow) return "up"
  if (key.downArrow) return "down"
  if (key.pageUp) return "pageUp"
  if (key.pageDown) return "pageDown"
  if (key.return) return "return"
  if (key.escape) return "escape"
  return key.backspace || key.delete ? "backspace" : undefined
}

const Screen = ({ options, watched }: { readonly watched: Watched; readonly options: ScreenOptions }): ReactNode => {
  const { exit } = useApp()
  const { height, width } = useSize()
  const [, redraw] = useReducer((n: number) => n + 1, 0)
  const [choices] = useState(() => new Choices(watched, options, exit, redraw))
  useEffect(
    () =>
      watched.onChange(() => {
        if (!choices.isPaused) redraw()
      }),
    [watched, choices]
  )
  useInput((input, key) => {
    const name = nameOf(key)
    if (name !== undefined) choices.press(name)
    // What is pasted, or typed quickly, comes at once.
    else if (!key.ctrl && !key.meta) for (const each of input) choices.press(each === "\r" ? "return" : each)
  })
  const { asking, filter, isPaused, news, opened, order } = choices
  const detail = useDetail(watched, opened)
  const { picture, warnings } = watched
  const room = height - otherLines
  const { current, tasks } = choices.sight(room)

  return h(
    Box,
    { flexDirection: "column", width, height: height - 1 },
    h(
      Text,
      { wrap: "truncate", key: "title" },
      h(Text, { bold: true }, watched.title),
      `  ${summary(picture, warnings)}`
    ),
    h(StatusLine, { key: "status", watched, asking, filter, news, isPaused }),
    opened === undefined
      ? h(Table, { key: "table", picture, warnings, tasks, selected: current?.id, order, width })
      : h(
          Box,
          { key: "detail", flexDirection: "column", flexGrow: 1 },
          detail.slice(0, room + 1).map((line, i) => h(Text, { key: i, wrap: "truncate", bold: i === 0 }, line))
        ),
    h(
      Text,
      { key: "keys", dimColor: true, wrap: "truncate" },
      opened === undefined
        ? "↑↓ move  enter all about it  s sort by  r turn  / filter  c cancel  p pause  q quit"
        : "esc back  c cancel  q quit"
    )
  )
}

const line = (text: string, color?: string): ReactNode =>
  h(Text, { wrap: "truncate", ...(color === undefined ? {} : { color }) }, text)

const StatusLine = ({
  asking,
  filter,
  isPaused,
  news,
  watched
}: {
  readonly watched: Watched
  readonly asking: Asking | undefined
  readonly filter: string
  readonly news: string
  readonly isPaused: boolean
}): ReactNode => {
  switch (asking?.kind) {
    case "filter":
      return line(`name, label or state: ${printable(filter)}▏ (enter to keep, esc for all)`, "cyan")
    case "reason":
      return line(
        `why is ${printable(asking.task.name)} to be cancelled? ${printable(asking.text)}▏ (enter to go on, esc to keep it)`,
        "yellow"
      )
    case "confirm":
      return line(
        `ask ${printable(asking.task.name)} (${asking.task.id}) to cancel itself${asking.text === "" ? "" : `: ${printable(asking.text)}`}? y or n`,
        "red"
      )
    default:
  }
  if (watched.over !== undefined) return line(printable(watched.over), "red")
  if (isPaused) return line("paused: p goes on", "yellow")
  if (news !== "") return line(news, "yellow")
  const [first] = watched.warnings
  if (first !== undefined) {
    const [id = 0] = first.tasks
    return line(printable(`${watched.picture.tasks.get(id)?.name ?? first.name ?? ""} (${id}) ${first.text}`), "yellow")
  }
  return line(filter === "" ? " " : `only ${printable(filter)}`)
}

const Table = ({
  order,
  picture,
  selected,
  tasks,
  warnings,
  width
}: {
  readonly picture: Picture
  readonly warnings: ReadonlyArray<Warning>
  readonly tasks: ReadonlyArray<LiveTask>
  readonly selected: number | undefined
  readonly order: Order
  readonly width: number
}): ReactNode => {
  // On a narrow screen the columns at the right go first.
  const shown = columns.slice(0, width < 70 ? 4 : width < 100 ? 6 : columns.length)
  const fixed = shown.reduce((sum, { width = 0 }) => sum + (width === 0 ? 0 : width + 1), 0)
  const flexible = shown.filter(({ width }) => width === undefined).length
  const rest = Math.max(8, Math.floor((width - fixed) / Math.max(1, flexible)) - 1)
  const warned = new Set(warnings.flatMap(({ tasks }) => tasks))
  const row = (key: string, cells: ReadonlyArray<string>, style: object) =>
    h(
      Box,
      { key },
      cells.map((cell, i) =>
        h(
          Box,
          { key: i, width: (shown[i]!.width ?? rest) + 1, flexShrink: 0 },
          h(Text, { wrap: "truncate", ...style }, padded(cell, shown[i]!.width ?? rest))
        )
      )
    )
  const titles = shown.map(({ column, title }) =>
    column === order.column ? `${title} ${order.descending ? "↓" : "↑"}` : title
  )
  return h(
    Box,
    { flexDirection: "column", flexGrow: 1 },
    row("titles", titles, { bold: true }),
    tasks.length === 0 ? h(Text, { dimColor: true }, "no tasks") : undefined,
    tasks.map((task) =>
      row(
        String(task.id),
        shown.map(({ cell }) => cell(task, picture)),
        task.id === selected ? { inverse: true } : { ...colorOf(task, warned) }
      )
    )
  )
}

const colorOf = (task: LiveTask, warned: ReadonlySet<number>): { readonly color?: string } => {
  if (warned.has(task.id)) return { color: "yellow" }
  const state = stateOf(task)
  if (state === "running") return { color: "green" }
  return state === "cancelling" ? { color: "magenta" } : {}
}
