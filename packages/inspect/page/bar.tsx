/**
 * The bar on top of the page: which process is looked at, how it is, and which of its tasks are shown.
 */
import type { JSX, RefObject } from "preact"
import { useContext, useEffect, useState } from "preact/hooks"
import type { Listed, Processes, Target } from "../src/dashboard/source.ts"
import type { Line } from "./line.ts"
import { Place, viewOf } from "./place.ts"
import type { Choices } from "./looked.tsx"
import { shown } from "./texts.ts"

export interface BarProps {
  /** The address of the picture. */
  readonly icon: string | undefined
  readonly list: Processes | undefined
  readonly pid: Target | undefined
  readonly onChoose: (pid: Target) => void
  readonly line: Line | undefined
  readonly problem: string
  readonly choices: Choices
  readonly search: RefObject<HTMLInputElement | null>
}

export const Bar = ({ icon, line, list, onChoose, pid, problem, search, choices }: BarProps): JSX.Element => (
  <header class="bar">
    <h1>{icon === undefined ? "asyncio" : <img src={icon} alt="effect-asyncio" width="24" height="24" />}</h1>
    <Chooser list={list} pid={pid} onChoose={onChoose} />
    <Health line={line} problem={problem} isPaused={choices.isPaused} />
    <span class="space" />
    <input
      ref={search}
      type="search"
      class="search"
      placeholder="Name, label or state"
      aria-label="Show tasks with this name, label or state"
      title="Press / to come here"
      value={choices.text}
      onInput={(event) => choices.setText(event.currentTarget.value)}
    />
    <button
      type="button"
      class="icon"
      aria-pressed={choices.isPaused}
      title="Pause (p)"
      onClick={() => choices.setIsPaused(!choices.isPaused)}
    >
      {choices.isPaused ? "Go on" : "Pause"}
    </button>
    <Theme />
  </header>
)

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
