/**
 * What is not tasks at work: those that have ended, locks and queues, and what somebody should look at.
 */
import type { JSX } from "preact"
import { useMemo, useState } from "preact/hooks"
import type { Picture } from "../src/live/picture.ts"
import { labelsText } from "../src/live/rows.ts"
import type { Warning } from "../src/live/warnings.ts"
import { duration } from "../src/text/durations.ts"
import { TaskLink } from "./detail.tsx"
import { Grid, type GridColumn } from "./grid.tsx"
import { State } from "./tasks.tsx"
import { shown, spent } from "./texts.ts"

interface SideProps {
  readonly picture: Picture
  readonly version: number
  readonly onOpen: (id: number) => void
}

type Ended = Picture["ended"][number]

const endedColumns = (picture: Picture): ReadonlyArray<GridColumn<Ended>> => [
  { key: "id", title: "Id", cell: ({ id }) => id },
  { key: "name", title: "Name", cell: ({ name }) => <span class="name">{shown(name)}</span> },
  { key: "state", title: "Outcome", cell: ({ outcome }) => <State state={outcome} /> },
  {
    key: "waits",
    title: "Why",
    cell: ({ error, kind, outcome, reason, requestedBy }) =>
      outcome === "cancelled"
        ? shown(
            `${kind ?? ""}${requestedBy === undefined ? "" : ` by ${requestedBy.name}`}${reason === undefined ? "" : `: ${reason}`}`
          )
        : shown(error ?? "")
  },
  { key: "since", title: "Ago", isNumber: true, cell: (each) => duration(picture.timeOf(each) - each.endedAt) },
  { key: "age", title: "Lived", isNumber: true, cell: ({ createdAt, endedAt }) => duration(endedAt - createdAt) },
  { key: "busy", title: "Busy", isNumber: true, cell: ({ busy }) => spent(busy) },
  { key: "steps", title: "Steps", isNumber: true, cell: ({ steps }) => steps }
]

export const EndedTasks = ({
  onOpen,
  onSelect,
  picture,
  selected,
  text,
  version
}: SideProps & {
  readonly text: string
  readonly selected: number | undefined
  readonly onSelect: (id: number) => void
}): JSX.Element => {
  const rows = useMemo(() => {
    const words = text.toLowerCase()
    return picture.ended
      .filter(({ labels, name, outcome }) => `${name} ${outcome} ${labelsText(labels)}`.toLowerCase().includes(words))
      .toReversed()
  }, [picture, version, text])
  return (
    <Grid
      label="Tasks that have ended, the last first"
      kind="grid"
      layout="layout-ended"
      columns={endedColumns(picture)}
      rows={rows}
      idOf={({ id }) => id}
      selected={selected}
      onSelect={onSelect}
      onOpen={onOpen}
      empty={text === "" ? "None has ended since you look." : "None of those that have ended is called so."}
    />
  )
}

const longestLine = 50

export const Locks = ({ onOpen, picture }: SideProps): JSX.Element => {
  if (picture.objects.length === 0) {
    return <p class="empty">Nobody waits for a lock, a semaphore, a condition, an event or a queue.</p>
  }
  const longestFirst = picture.objects.toSorted((a, b) => b.waiting.length - a.waiting.length)
  return (
    <ul class="cards" aria-label="Locks and queues">
      {longestFirst.slice(0, 200).map(({ holders, id, text, waiting }) => (
        <li key={id} class="card">
          <h2>
            <code>{shown(text)}</code>
          </h2>
          <p>
            {holders.length === 0 ? <span class="quiet">no holder is known</span> : "held by "}
            {holders.map((holder, i) => (
              <span key={holder}>
                {i > 0 && ", "}
                <TaskLink id={holder} picture={picture} onOpen={onOpen} />
              </span>
            ))}
          </p>
          {waiting.length > 0 && (
            <ol class="line-of">
              {waiting.slice(0, longestLine).map(({ operation, task }) => (
                <li key={task}>
                  <TaskLink id={task} picture={picture} onOpen={onOpen} /> <span class="quiet">{shown(operation)}</span>
                </li>
              ))}
              {waiting.length > longestLine && <li class="quiet">and {waiting.length - longestLine} more</li>}
            </ol>
          )}
        </li>
      ))}
    </ul>
  )
}

const titles: Readonly<Record<Warning["kind"], string>> = {
  blocks: "Keeps others waiting",
  ignores: "Goes on although it was asked to end",
  lost: "Waits for what nothing can complete",
  ring: "Waits for itself",
  orphaned: "Waits for what nobody will let go",
  unretrieved: "Has failed without a word"
}

const what: Readonly<Record<Warning["kind"], string>> = {
  blocks: "A step ends at the next await. Let it await now and then, or give the work to a thread.",
  ignores: "It catches its cancellation, or waits in a finally for something that does not come.",
  lost: "Nobody holds what it waits for: no timer, no socket, no other task. It was lost on an error, or never kept.",
  ring: "None of these can ever go on: cancel one of them.",
  orphaned: "Release it in a finally, or take it by use.",
  unretrieved: "Await the task, or ask it for its exception."
}

// So many of a kind say enough.
const mostShown = 50

export type WarningsProps = SideProps & {
  readonly warnings: ReadonlyArray<Warning>
  readonly onFindLost: (() => Promise<void>) | undefined
}

export const Warnings = (props: WarningsProps): JSX.Element => (
  <>
    {props.onFindLost !== undefined && <Looking onFindLost={props.onFindLost} />}
    <Cards {...props} />
  </>
)

const Looking = ({ onFindLost }: { readonly onFindLost: () => Promise<void> }): JSX.Element => {
  const [isLooking, setIsLooking] = useState(false)
  return (
    <p class="ask">
      <button
        type="button"
        disabled={isLooking}
        onClick={() => {
          setIsLooking(true)
          void onFindLost().finally(() => setIsLooking(false))
        }}
      >
        {isLooking ? "Looking…" : "Look for tasks that nothing can wake"}
      </button>{" "}
      <span class="quiet">The process stands still while its memory is read.</span>
    </p>
  )
}

const Cards = ({
  onOpen,
  picture,
  warnings
}: SideProps & { readonly warnings: ReadonlyArray<Warning> }): JSX.Element => {
  if (warnings.length === 0) return <p class="empty">Nothing that you should look at.</p>
  const kinds = (Object.keys(titles) as ReadonlyArray<Warning["kind"]>).filter((kind) =>
    warnings.some((each) => each.kind === kind)
  )
  return (
    <ul class="cards" aria-label="Warnings">
      {kinds.map((kind) => {
        const own = warnings.filter((each) => each.kind === kind)
        return (
          <li key={kind} class={`card warning-${kind}`}>
            <h2>
              {titles[kind]} <span class="badge">{own.length}</span>
            </h2>
            <p class="quiet">{what[kind]}</p>
            <ul>
              {own.slice(0, mostShown).map(({ name, tasks, text }) => (
                <li key={`${tasks[0]} ${text}`}>
                  {tasks.slice(0, 10).map((id, i) => (
                    <span key={id}>
                      {i > 0 && " → "}
                      <TaskLink id={id} name={name} picture={picture} onOpen={onOpen} />
                    </span>
                  ))}{" "}
                  {shown(text)}
                </li>
              ))}
              {own.length > mostShown && <li class="quiet">and {own.length - mostShown} more</li>}
            </ul>
          </li>
        )
      })}
    </ul>
  )
}
