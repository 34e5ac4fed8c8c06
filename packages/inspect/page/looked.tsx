/**
 * What is shown of the process that is looked at.
 */
import type { JSX } from "preact"
import { useContext } from "preact/hooks"
import type { Source } from "../src/dashboard/source.ts"
import { Cancelling } from "./cancelling.tsx"
import { Detail } from "./detail.tsx"
import type { Line } from "./line.ts"
import { Place } from "./place.ts"
import { EndedTasks, Locks, Warnings } from "./sides.tsx"
import { Strip } from "./strip.tsx"
import { Tasks, type TasksView } from "./tasks.tsx"

export const views = [
  ["table", "Table"],
  ["waiting", "Waiting"],
  ["creation", "Created"],
  ["ended", "Ended"],
  ["locks", "Locks"],
  ["warnings", "Warnings"]
] as const

export type View = (typeof views)[number][0]

/** What the reader has chosen to see, and chooses anew. */
export interface Choices {
  readonly view: View
  readonly setView: (view: View) => void
  /** What names, labels or states have in them. */
  readonly text: string
  readonly setText: (text: string) => void
  readonly selected: number | undefined
  readonly select: (id: number | undefined) => void
  /** The task of which all is shown. */
  readonly opened: number | undefined
  readonly open: (id: number) => void
  readonly close: () => void
  /** Whether it is asked how the opened task is to be cancelled. */
  readonly isCancelling: boolean
  readonly setIsCancelling: (is: boolean) => void
  readonly isPaused: boolean
  readonly setIsPaused: (is: boolean) => void
}

export interface LookedProps {
  readonly line: Line
  readonly source: Source
  /** Another one when there is something new to draw. */
  readonly version: number
  readonly choices: Choices
  readonly allowCancel: boolean
  readonly leaks: Source["leaks"]
  readonly onNews: (news: string) => void
}

export const Looked = (props: LookedProps): JSX.Element => {
  const { allowCancel, line, onNews, choices, source } = props
  const { isCancelling, opened, view } = choices
  return (
    <>
      <main>
        <Strip picture={line.picture} />
        <Tabs line={line} choices={choices} />
        <div class={opened === undefined ? "split" : "split with-detail"}>
          <div id="view" class="view" role="tabpanel" aria-labelledby={`tab-${view}`}>
            <Panel {...props} />
          </div>
          {opened !== undefined && (
            <Detail
              id={opened}
              pid={line.pid}
              picture={line.picture}
              source={source}
              warnings={line.warnings}
              allowCancel={allowCancel}
              onOpen={choices.open}
              onClose={choices.close}
              onCancel={() => choices.setIsCancelling(true)}
            />
          )}
        </div>
      </main>
      {isCancelling && opened !== undefined && (
        <Cancelling
          id={opened}
          name={line.picture.tasks.get(opened)?.name ?? ""}
          pid={line.pid}
          source={source}
          onNews={onNews}
          onClose={() => choices.setIsCancelling(false)}
        />
      )}
    </>
  )
}

const Tabs = ({ line, choices }: { readonly line: Line; readonly choices: Choices }): JSX.Element => {
  const page = useContext(Place)
  const count = (key: View) =>
    key === "warnings" ? line.warnings.length : key === "locks" ? line.picture.objects.length : 0
  return (
    <div class="tabs" role="tablist" aria-label="Views">
      {views.map(([key, title], i) => (
        <button
          key={key}
          type="button"
          role="tab"
          id={`tab-${key}`}
          aria-controls="view"
          aria-selected={choices.view === key}
          tabIndex={choices.view === key ? 0 : -1}
          title={`Press ${i + 1}`}
          onClick={() => choices.setView(key)}
          onKeyDown={(event) => {
            const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key]
            if (step === undefined) return
            const next = views[(i + step + views.length) % views.length]![0]
            choices.setView(next)
            page.querySelector<HTMLElement>(`#tab-${next}`)?.focus()
          }}
        >
          {title}
          {count(key) > 0 && <span class={`badge badge-${key}`}>{count(key)}</span>}
        </button>
      ))}
    </div>
  )
}

const Panel = ({ leaks, line, onNews, choices, version }: LookedProps): JSX.Element => {
  const { picture, warnings } = line
  const { open, select, selected, text, view } = choices
  if (view === "ended") {
    return (
      <EndedTasks picture={picture} version={version} text={text} selected={selected} onSelect={select} onOpen={open} />
    )
  }
  if (view === "locks") return <Locks picture={picture} version={version} onOpen={open} />
  if (view === "warnings") {
    const findLost =
      leaks && (async () => onNews(await line.findLost(leaks).catch((error: unknown) => (error as Error).message)))
    return <Warnings picture={picture} version={version} warnings={warnings} onOpen={open} onFindLost={findLost} />
  }
  return (
    <Tasks
      key={view}
      picture={picture}
      version={version}
      view={view satisfies TasksView}
      text={text}
      warnings={warnings}
      selected={selected}
      onSelect={select}
      onOpen={open}
    />
  )
}
