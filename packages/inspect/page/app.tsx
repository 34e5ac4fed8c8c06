/**
 * The page: which process is looked at, and what of it is shown.
 */
import type { JSX } from "preact"
import { useContext, useEffect, useReducer, useRef, useState } from "preact/hooks"
import type { Listed, Processes, Source, Target } from "../src/dashboard/source.ts"
import { Cancelling } from "./cancelling.tsx"
import { Detail } from "./detail.tsx"
import { Line } from "./line.ts"
import { Place, viewOf } from "./place.ts"
import { EndedTasks, Locks, Warnings } from "./sides.tsx"
import { Strip } from "./strip.tsx"
import { Tasks, type TasksView } from "./tasks.tsx"
import { shown } from "./texts.ts"

const views = [
  ["table", "Table"],
  ["waiting", "Waiting"],
  ["creation", "Created"],
  ["ended", "Ended"],
  ["locks", "Locks"],
  ["warnings", "Warnings"]
] as const

type View = (typeof views)[number][0]

const betweenLists = 3000

/** The processes that there are, asked for again and again. */
const useProcesses = (source: Source): { readonly list: Processes | undefined; readonly problem: string } => {
  const [list, setList] = useState<Processes | undefined>(undefined)
  const [problem, setProblem] = useState("")
  useEffect(() => {
    let isWanted = true
    const ask = async () => {
      try {
        const next = await source.processes()
        if (!isWanted) return
        setList(next)
        setProblem("")
      } catch (error) {
        setProblem(
          error instanceof TypeError ? "The dashboard does not answer: it was stopped." : (error as Error).message
        )
      }
      setTimeout(() => isWanted && void ask(), betweenLists)
    }
    void ask()
    return () => {
      isWanted = false
    }
  }, [source])
  return { list, problem }
}

/** The line to a process, which is drawn anew when it has told something. */
const useLine = (
  source: Source,
  pid: Target | undefined,
  isPaused: boolean
): { line: Line | undefined; version: number } => {
  const page = useContext(Place)
  const [version, redraw] = useReducer((n: number) => n + 1, 0)
  const [line, setLine] = useState<Line | undefined>(undefined)
  const paused = useRef(isPaused)
  paused.current = isPaused
  useEffect(() => {
    if (pid === undefined) return setLine(undefined)
    // Nothing is drawn in a tab that nobody sees.
    const opened = new Line(pid, source, () => {
      if (!paused.current && !page.hidden) redraw(undefined)
    })
    setLine(opened)
    return () => opened.close()
  }, [source, pid])
  return { line, version }
}

/** What keys do, outside of fields. */
const useKeys = (keys: Readonly<Record<string, () => void>>): void => {
  const page = useContext(Place)
  const now = useRef(keys)
  now.current = keys
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const isField = (event.target as Element).matches("input, select")
      if (event.ctrlKey || event.metaKey || event.altKey || page.querySelector("dialog[open]") !== null) return
      if (isField && event.key !== "Escape") return
      const act = now.current[event.key]
      if (act === undefined) return
      event.preventDefault()
      act()
    }
    page.addEventListener("keydown", onKey)
    return () => page.removeEventListener("keydown", onKey)
  }, [page])
}

export interface AppProps {
  readonly source: Source
  /** The address of the picture. */
  readonly icon?: string
}

export const App = ({ icon, source }: AppProps): JSX.Element => {
  const page = useContext(Place)
  const { list, problem } = useProcesses(source)
  const [chosen, setChosen] = useState<Target | undefined>(undefined)
  const [view, setView] = useState<View>("table")
  const [text, setText] = useState("")
  const [selected, setSelected] = useState<number | undefined>(undefined)
  const [opened, setOpened] = useState<number | undefined>(undefined)
  const [isCancelling, setIsCancelling] = useState(false)
  const [isPaused, setIsPaused] = useState(false)
  const [news, setNews] = useState("")
  useEffect(() => {
    const timer = setTimeout(() => setNews(""), 12_000)
    return () => clearTimeout(timer)
  }, [news])
  const search = useRef<HTMLInputElement>(null)
  // One that has ended stays in sight until another one is chosen.
  const pid = chosen ?? list?.processes.find((each) => each.problem === undefined)?.pid
  useEffect(() => {
    if (chosen === undefined && pid !== undefined) setChosen(pid)
  }, [chosen, pid])
  const { line, version } = useLine(source, pid, isPaused)
  const looked = list?.processes.find((each) => each.pid === pid)
  const allowCancel = list?.allowCancel === true && looked?.readOnly !== true
  const open = (id: number) => {
    setSelected(id)
    setOpened(id)
  }
  const close = () => setOpened(undefined)
  useKeys({
    "/": () => search.current?.focus(),
    Escape: () => {
      if (page.activeElement === search.current) search.current?.blur()
      else close()
    },
    p: () => setIsPaused(!isPaused),
    c: () => {
      if (allowCancel && opened !== undefined && line?.picture.tasks.has(opened) === true) setIsCancelling(true)
    },
    ...Object.fromEntries(views.map(([key], i) => [String(i + 1), () => setView(key)]))
  })
  const leaks = looked?.isCluster === true ? undefined : source.leaks
  const findLost =
    leaks && (async () => setNews(await line!.findLost(leaks).catch((error: unknown) => (error as Error).message)))
  const warnings = line?.warnings ?? []
  const count = (key: View) =>
    key === "warnings" ? warnings.length : key === "locks" ? (line?.picture.objects.length ?? 0) : 0

  return (
    <>
      <header class="bar">
        <h1>{icon === undefined ? "asyncio" : <img src={icon} alt="effect-asyncio" width="24" height="24" />}</h1>
        <Chooser
          list={list}
          pid={pid}
          onChoose={(next) => {
            setChosen(next)
            setOpened(undefined)
            setSelected(undefined)
          }}
        />
        <Health line={line} problem={problem} isPaused={isPaused} />
        <span class="space" />
        <input
          ref={search}
          type="search"
          class="search"
          placeholder="Name, label or state"
          aria-label="Show tasks with this name, label or state"
          title="Press / to come here"
          value={text}
          onInput={(event) => setText(event.currentTarget.value)}
        />
        <button
          type="button"
          class="icon"
          aria-pressed={isPaused}
          title="Pause (p)"
          onClick={() => setIsPaused(!isPaused)}
        >
          {isPaused ? "Go on" : "Pause"}
        </button>
        <Theme />
      </header>
      {line === undefined ? (
        <main class="nothing">
          <Nothing list={list} problem={problem} />
        </main>
      ) : (
        <main>
          <Strip picture={line.picture} />
          <div class="tabs" role="tablist" aria-label="Views">
            {views.map(([key, title], i) => (
              <button
                key={key}
                type="button"
                role="tab"
                id={`tab-${key}`}
                aria-controls="view"
                aria-selected={view === key}
                tabIndex={view === key ? 0 : -1}
                title={`Press ${i + 1}`}
                onClick={() => setView(key)}
                onKeyDown={(event) => {
                  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key]
                  if (step === undefined) return
                  const next = views[(i + step + views.length) % views.length]![0]
                  setView(next)
                  page.querySelector<HTMLElement>(`#tab-${next}`)?.focus()
                }}
              >
                {title}
                {count(key) > 0 && <span class={`badge badge-${key}`}>{count(key)}</span>}
              </button>
            ))}
          </div>
          <div class={opened === undefined ? "split" : "split with-detail"}>
            <div id="view" class="view" role="tabpanel" aria-labelledby={`tab-${view}`}>
              {view === "ended" ? (
                <EndedTasks
                  picture={line.picture}
                  version={version}
                  text={text}
                  selected={selected}
                  onSelect={setSelected}
                  onOpen={open}
                />
              ) : view === "locks" ? (
                <Locks picture={line.picture} version={version} onOpen={open} />
              ) : view === "warnings" ? (
                <Warnings
                  picture={line.picture}
                  version={version}
                  warnings={warnings}
                  onOpen={open}
                  onFindLost={findLost}
                />
              ) : (
                <Tasks
                  key={view}
                  picture={line.picture}
                  version={version}
                  view={view satisfies TasksView}
                  text={text}
                  warnings={warnings}
                  selected={selected}
                  onSelect={setSelected}
                  onOpen={open}
                />
              )}
            </div>
            {opened !== undefined && (
              <Detail
                id={opened}
                pid={line.pid}
                picture={line.picture}
                source={source}
                warnings={warnings}
                allowCancel={allowCancel}
                onOpen={open}
                onClose={close}
                onCancel={() => setIsCancelling(true)}
              />
            )}
          </div>
        </main>
      )}
      {isCancelling && opened !== undefined && line !== undefined && (
        <Cancelling
          id={opened}
          name={line.picture.tasks.get(opened)?.name ?? ""}
          pid={line.pid}
          source={source}
          onNews={setNews}
          onClose={() => setIsCancelling(false)}
        />
      )}
      <div class={`news ${news === "" ? "" : "is-shown"}`} role="status" onClick={() => setNews("")}>
        {news}
      </div>
    </>
  )
}

const titleOf = ({ isPage, name, pid, problem }: Listed): string => {
  const number = isPage === true ? "" : ` (${pid})`
  return problem === undefined ? `${shown(name)}${number}` : `${pid}: ${shown(problem)}`
}

const Chooser = ({
  list,
  onChoose,
  pid
}: {
  readonly list: Processes | undefined
  readonly pid: Target | undefined
  readonly onChoose: (pid: Target) => void
}): JSX.Element | null => {
  const processes = list?.processes ?? []
  if (pid === undefined) return null
  const isGone = processes.every((each) => each.pid !== pid)
  return (
    <select
      class="chooser"
      aria-label="Process"
      value={pid}
      onChange={({ currentTarget }) => {
        const next = processes.find((each) => String(each.pid) === currentTarget.value)
        if (next !== undefined) onChoose(next.pid)
      }}
    >
      {isGone && <option value={pid}>{pid} (ended)</option>}
      {processes.map((process) => (
        <option key={process.pid} value={process.pid} disabled={process.problem !== undefined}>
          {titleOf(process)}
        </option>
      ))}
    </select>
  )
}

const Health = ({
  isPaused,
  line,
  problem
}: {
  readonly line: Line | undefined
  readonly problem: string
  readonly isPaused: boolean
}): JSX.Element | null => {
  if (problem !== "") return <Chip tone="red" text={problem} />
  if (line === undefined) return null
  if (line.over !== undefined) return <Chip tone="red" text={shown(line.over)} />
  if (isPaused) return <Chip tone="yellow" text="paused" />
  if (line.isSilent) {
    return <Chip tone="yellow" text="does not answer: stopped, or in a call that blocks" />
  }
  if (!line.picture.isComplete) return <Chip tone="brand" text="reading all tasks" />
  if (line.picture.loops.some(({ otherCopy }) => otherCopy === true)) {
    return <Chip tone="yellow" text="a loop is of another copy of @effect-asyncio/core: npm dedupe" />
  }
  return <Chip tone="green" text="live" />
}

const Chip = ({ text, tone }: { readonly tone: string; readonly text: string }): JSX.Element => (
  <span class={`chip tone-${tone}`} role="status">
    <span class="dot" aria-hidden="true" />
    <span class="chip-text">{text}</span>
  </span>
)

const Nothing = ({
  list,
  problem
}: {
  readonly list: Processes | undefined
  readonly problem: string
}): JSX.Element => {
  if (problem !== "") return <p>{problem}</p>
  if (list === undefined) return <p class="quiet">Looking for processes…</p>
  return (
    <>
      <p>No process can be looked into.</p>
      <p class="quiet">
        Start one with <code>node --import @effect-asyncio/inspect/register server.js</code>: it appears here.
      </p>
    </>
  )
}

/** A frame may have no storage. */
const storage = (): Storage | undefined => {
  try {
    return localStorage
  } catch {
    return undefined
  }
}

const themeKey = "effect-asyncio-inspect-theme"

const Theme = (): JSX.Element => {
  const page = useContext(Place)
  const [isDark, setIsDark] = useState(() => {
    const kept = storage()?.getItem(themeKey) ?? null
    return kept === null ? viewOf(page).matchMedia("(prefers-color-scheme: dark)").matches : kept === "dark"
  })
  useEffect(() => {
    page.documentElement.dataset["theme"] = isDark ? "dark" : "light"
  }, [page, isDark])
  return (
    <button
      type="button"
      class="icon"
      aria-label={isDark ? "Light colours" : "Dark colours"}
      title={isDark ? "Light" : "Dark"}
      onClick={() => {
        storage()?.setItem(themeKey, isDark ? "light" : "dark")
        setIsDark(!isDark)
      }}
    >
      {isDark ? "☀" : "☾"}
    </button>
  )
}
