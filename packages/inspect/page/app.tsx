/**
 * The page: which process is looked at, and what of it is shown.
 */
import type { JSX } from "preact"
import { useContext, useEffect, useReducer, useRef, useState } from "preact/hooks"
import type { Processes, Source, Target } from "../src/dashboard/source.ts"
import { Bar } from "./bar.tsx"
import { Line } from "./line.ts"
import { Looked, type Choices, type View, views } from "./looked.tsx"
import { Place } from "./place.ts"

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

/** The process that is looked at: the first that answers, until another one is chosen. */
const useChosen = (list: Processes | undefined) => {
  const [chosen, setChosen] = useState<Target | undefined>(undefined)
  // One that has ended stays in sight until another one is chosen.
  const pid = chosen ?? list?.processes.find((each) => each.problem === undefined)?.pid
  useEffect(() => {
    if (chosen === undefined && pid !== undefined) setChosen(pid)
  }, [chosen, pid])
  return { pid, setChosen }
}

const useChoices = (): Choices => {
  const [view, setView] = useState<View>("table")
  const [text, setText] = useState("")
  const [selected, select] = useState<number | undefined>(undefined)
  const [opened, setOpened] = useState<number | undefined>(undefined)
  const [isCancelling, setIsCancelling] = useState(false)
  const [isPaused, setIsPaused] = useState(false)
  const open = (id: number) => {
    select(id)
    setOpened(id)
  }
  const close = () => setOpened(undefined)
  const states = { view, setView, text, setText, isCancelling, setIsCancelling, isPaused, setIsPaused }
  return { ...states, selected, select, opened, open, close }
}

/** What was done last, which is told for some seconds. */
const useNews = () => {
  const [news, setNews] = useState("")
  useEffect(() => {
    const timer = setTimeout(() => setNews(""), 12_000)
    return () => clearTimeout(timer)
  }, [news])
  return { news, setNews }
}

export interface AppProps {
  readonly source: Source
  /** The address of the picture. */
  readonly icon?: string
}

export const App = ({ icon, source }: AppProps): JSX.Element => {
  const page = useContext(Place)
  const { list, problem } = useProcesses(source)
  const { pid, setChosen } = useChosen(list)
  const choices = useChoices()
  const { close, isPaused, opened, select, setIsPaused, setView } = choices
  const { news, setNews } = useNews()
  const search = useRef<HTMLInputElement>(null)
  const { line, version } = useLine(source, pid, isPaused)
  const looked = list?.processes.find((each) => each.pid === pid)
  const allowCancel = list?.allowCancel === true && looked?.readOnly !== true
  useKeys({
    "/": () => search.current?.focus(),
    Escape: () => {
      if (page.activeElement === search.current) search.current?.blur()
      else close()
    },
    p: () => setIsPaused(!isPaused),
    c: () => {
      if (allowCancel && opened !== undefined && line?.picture.tasks.has(opened) === true) choices.setIsCancelling(true)
    },
    ...Object.fromEntries(views.map(([key], i) => [String(i + 1), () => setView(key)]))
  })
  const choose = (next: Target) => {
    setChosen(next)
    close()
    select(undefined)
  }
  const bar = { icon, list, pid, onChoose: choose, line, problem, choices, search }
  const leaks = looked?.isCluster === true ? undefined : source.leaks
  return (
    <>
      <Bar {...bar} />
      {line === undefined ? (
        <main class="nothing">
          <Nothing list={list} problem={problem} />
        </main>
      ) : (
        <Looked {...{ line, source, version, choices, allowCancel, leaks, onNews: setNews }} />
      )}
      <div class={`news ${news === "" ? "" : "is-shown"}`} role="status" onClick={() => setNews("")}>
        {news}
      </div>
    </>
  )
}

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
