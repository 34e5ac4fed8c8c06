/**
 * All about one task.
 */
import type { ComponentChildren, JSX } from "preact"
import { useEffect, useState } from "preact/hooks"
import type { Source, Target } from "../src/dashboard/source.ts"
import type { LiveTask, Picture } from "../src/live/picture.ts"
import { ageOf, idleOf, nameOf, stateOf, waitsText } from "../src/live/rows.ts"
import type { Warning } from "../src/live/warnings.ts"
import type { AwaitRow, CancellationRow, OneTask } from "../src/protocol.ts"
import { duration } from "../src/text/durations.ts"
import { type Frame, framesOf } from "../src/text/frames.ts"
import { State } from "./tasks.tsx"
import { shown, spent } from "./texts.ts"

export interface DetailProps {
  readonly id: number
  readonly pid: Target
  readonly picture: Picture
  readonly source: Source
  readonly warnings: ReadonlyArray<Warning>
  readonly allowCancel: boolean
  readonly onOpen: (id: number) => void
  readonly onClose: () => void
  readonly onCancel: () => void
}

const betweenQuestions = 1000

/** The stack of a task, and what else is only told of one: asked for again and again. */
const useOneTask = (source: Source, pid: Target, id: number): OneTask | undefined => {
  const [known, setKnown] = useState<OneTask | undefined>(undefined)
  useEffect(() => {
    let isWanted = true
    setKnown(undefined)
    const ask = async () => {
      const answer = await source.ask<OneTask | null>(pid, { request: "task", task: id }).catch(() => null)
      if (!isWanted) return
      // What was known last stays, for one that has ended.
      if (answer !== null) setKnown(answer)
      setTimeout(() => isWanted && void ask(), betweenQuestions)
    }
    void ask()
    return () => {
      isWanted = false
    }
  }, [source, pid, id])
  return known?.task.id === id ? known : undefined
}

export const Detail = (props: DetailProps): JSX.Element => {
  const { id, onClose, picture } = props
  const task = picture.tasks.get(id)
  const one = useOneTask(props.source, props.pid, id)
  const ended = picture.ended.findLast((each) => each.id === id)
  const name = task?.name ?? ended?.name ?? one?.task.name ?? `task ${id}`
  return (
    <aside class="detail" aria-label={`Task ${id}`}>
      <header>
        <h2>
          <span class="name">{shown(name)}</span> <span class="id">{id}</span>
        </h2>
        <button type="button" class="icon" aria-label="Close" title="Close (Esc)" onClick={onClose}>
          ✕
        </button>
      </header>
      <div class="detail-body" tabIndex={0} role="region" aria-label="What is known of it">
        {task === undefined ? <Ended {...props} /> : <Alive {...props} task={task} one={one} />}
      </div>
    </aside>
  )
}

const Alive = ({
  one,
  task,
  ...props
}: DetailProps & { readonly task: LiveTask; readonly one: OneTask | undefined }): JSX.Element => {
  const { allowCancel, onCancel, picture, warnings } = props
  const own = warnings.filter(({ tasks }) => tasks.includes(task.id))
  const time = picture.timeOf(task)
  return (
    <>
      <p class="summary">
        <State state={stateOf(task)} />
        {allowCancel && (
          <button type="button" class="danger" onClick={onCancel}>
            Cancel…
          </button>
        )}
      </p>
      {own.map((warning) => (
        <p key={warning.text} class="notice">
          It {shown(warning.text)}.
        </p>
      ))}
      <Section title="Waits for">
        <Waits task={task} {...props} />
        {task.since >= 0 && <p class="quiet">for {duration(time - task.since)}</p>}
      </Section>
      {one !== undefined && (
        <Section title="Stack, innermost first">
          <Frames frames={framesOf(one.task)} />
        </Section>
      )}
      <Section title="Waited for by">
        {task.awaiters.length === 0 ? <p class="quiet">nobody</p> : <TaskLinks ids={task.awaiters} {...props} />}
      </Section>
      <Section title="Time, since somebody looks">
        <Times task={task} picture={picture} />
      </Section>
      {task.cancelling > 0 && <Requests task={task} time={time} />}
      <Section title="Created">
        <Creation task={task} creator={one?.task.createdBy?.name} {...props} />
      </Section>
      <Labels labels={task.labels} />
    </>
  )
}

/** When a task was created, and by which. */
const Creation = ({
  creator,
  onOpen,
  picture,
  task
}: Links & { readonly task: LiveTask; readonly creator: string | undefined }): JSX.Element => (
  <p>
    {duration(ageOf(task, picture))} ago{task.by === 0 ? ", by no task" : " by "}
    {task.by !== 0 && <TaskLink id={task.by} name={creator} picture={picture} onOpen={onOpen} />}
  </p>
)

/** How often a task was asked to cancel itself, and how the last time. */
const Requests = ({ task, time }: { readonly task: LiveTask; readonly time: number }): JSX.Element => (
  <Section
    title={task.cancelling === 1 ? "Was asked to cancel itself" : `Was asked ${task.cancelling} times to cancel itself`}
  >
    {task.cancellation === undefined ? (
      <p class="quiet">before somebody looked</p>
    ) : (
      <Cancellation row={task.cancellation} time={time} />
    )}
  </Section>
)

const Ended = ({ id, picture, ...props }: DetailProps): JSX.Element => {
  const ended = picture.ended.findLast((each) => each.id === id)
  if (ended === undefined) return <p class="quiet">It has ended, and is not remembered any more.</p>
  const time = picture.timeOf(ended)
  return (
    <>
      <p class="summary">
        <State state={ended.outcome} />
      </p>
      {ended.error !== undefined && <p class="error">{shown(ended.error)}</p>}
      {ended.unretrieved && <p class="notice">Nobody has heard of this failure.</p>}
      {ended.outcome === "cancelled" && (
        <Section title="Cancelled">
          <Cancellation
            row={{ kind: ended.kind ?? "requested", reason: ended.reason, requestedBy: ended.requestedBy }}
            time={time}
          />
        </Section>
      )}
      <Section title="Time">
        <dl class="facts">
          <dt>ended</dt>
          <dd>{duration(time - ended.endedAt)} ago</dd>
          <dt>lived</dt>
          <dd>{duration(ended.endedAt - ended.createdAt)}</dd>
          <dt>busy</dt>
          <dd>{spent(ended.busy)}</dd>
          <dt>queued</dt>
          <dd>{spent(ended.scheduled)}</dd>
          <dt>steps</dt>
          <dd>{ended.steps}</dd>
        </dl>
      </Section>
      {ended.createdBy?.id !== undefined && (
        <Section title="Created by">
          <p>
            <TaskLink id={ended.createdBy.id} name={ended.createdBy.name} picture={picture} onOpen={props.onOpen} />
          </p>
        </Section>
      )}
      <Labels labels={ended.labels} />
    </>
  )
}

const Section = ({
  children,
  title
}: {
  readonly title: string
  readonly children: ComponentChildren
}): JSX.Element => (
  <section>
    <h3>{title}</h3>
    {children}
  </section>
)

type Links = Pick<DetailProps, "picture" | "onOpen">

/** The name of a task, which opens it. */
export const TaskLink = ({
  id,
  name,
  onOpen,
  picture
}: Links & { readonly id: number; readonly name?: string | undefined }): JSX.Element => (
  <button type="button" class="link" onClick={() => onOpen(id)}>
    {shown(picture.tasks.get(id)?.name ?? name ?? nameOf(id, picture))}
  </button>
)

// So many tasks of a list are shown.
const mostLinks = 20

/** The names of tasks, each of which opens it. */
const TaskLinks = ({ ids, onOpen, picture }: Links & { readonly ids: ReadonlyArray<number> }): JSX.Element => (
  <ul>
    {ids.slice(0, mostLinks).map((id) => (
      <li key={id}>
        <TaskLink id={id} picture={picture} onOpen={onOpen} />
      </li>
    ))}
    {ids.length > mostLinks && <li class="quiet">and {ids.length - mostLinks} more</li>}
  </ul>
)

// So many tasks of a chain are shown.
const longestChain = 12

const Waits = ({ onOpen, picture, task }: Links & { readonly task: LiveTask }): JSX.Element => {
  if (task.waits !== undefined) {
    return (
      <ul>
        {task.waits.map((each, i) => (
          <li key={i}>
            <Wait each={each} picture={picture} onOpen={onOpen} />
          </li>
        ))}
      </ul>
    )
  }
  const below = ["gather", "group", "wait"].includes(task.kind) ? [...(picture.waiting.childrenOf(task.id) ?? [])] : []
  if (below.length > 0) {
    return (
      <>
        <p>{shown(waitsText(task, picture))} of</p>
        <TaskLinks ids={below.map(({ id }) => id)} picture={picture} onOpen={onOpen} />
      </>
    )
  }
  if (task.kind !== "task") return <p>{shown(waitsText(task, picture))}</p>
  // Whom it waits for, whom that one waits for, and so on.
  const chain: Array<number> = []
  for (
    let at: LiveTask | undefined = task;
    at?.kind === "task" && chain.length < longestChain;
    at = picture.tasks.get(at.on)
  ) {
    if (chain.includes(at.on)) break
    chain.push(at.on)
  }
  const last = picture.tasks.get(chain.at(-1) ?? 0)
  return (
    <ol class="chain">
      {chain.map((id) => (
        <li key={id}>
          <TaskLink id={id} picture={picture} onOpen={onOpen} />
        </li>
      ))}
      {last !== undefined && last.kind !== "task" && <li class="quiet">{shown(waitsText(last, picture))}</li>}
    </ol>
  )
}

const Wait = ({ each, onOpen, picture }: Links & { readonly each: AwaitRow }): JSX.Element =>
  each.kind === "task" ? (
    <TaskLink id={each.task ?? 0} picture={picture} onOpen={onOpen} />
  ) : (
    <>
      {shown(
        each.text === undefined ? each.kind : `${each.text}${each.operation === undefined ? "" : `.${each.operation}`}`
      )}
    </>
  )

const Frames = ({ frames }: { readonly frames: ReadonlyArray<Frame> }): JSX.Element => (
  <ol class="stack">
    {frames.map(({ name, place }, i) => (
      <li key={i}>
        <code>{name}</code>
        {place !== undefined && <span class="place">{place}</span>}
      </li>
    ))}
  </ol>
)

const Times = ({ picture, task }: { readonly task: LiveTask; readonly picture: Picture }): JSX.Element => {
  const idle = idleOf(task, picture)
  const all = Math.max(1, idle + task.busy + task.scheduled)
  const part = (millis: number) => `${((millis / all) * 100).toFixed(2)}%`
  return (
    <>
      <div class="times" aria-hidden="true">
        <span class="busy" style={{ width: part(task.busy) }} />
        <span class="queued" style={{ width: part(task.scheduled) }} />
      </div>
      <dl class="facts">
        <dt class="key busy">busy</dt>
        <dd>{spent(task.busy)}</dd>
        <dt class="key queued">queued</dt>
        <dd>{spent(task.scheduled)}</dd>
        <dt class="key idle">idle</dt>
        <dd>{duration(idle)}</dd>
        <dt>steps</dt>
        <dd>{task.steps.toLocaleString("en")}</dd>
        <dt>longest step</dt>
        <dd>{spent(task.longest)}</dd>
      </dl>
    </>
  )
}

const Cancellation = ({ row, time }: { readonly row: CancellationRow; readonly time: number }): JSX.Element => (
  <dl class="facts">
    <dt>kind</dt>
    <dd>{shown(row.kind)}</dd>
    {row.requestedBy !== undefined && <dt>by</dt>}
    {row.requestedBy !== undefined && <dd>{shown(row.requestedBy.name)}</dd>}
    {row.reason !== undefined && <dt>reason</dt>}
    {row.reason !== undefined && <dd>{shown(row.reason)}</dd>}
    {row.askedAt !== undefined && <dt>asked</dt>}
    {row.askedAt !== undefined && <dd>{duration(time - row.askedAt)} ago</dd>}
  </dl>
)

const Labels = ({ labels }: { readonly labels: LiveTask["labels"] }): JSX.Element | null => {
  const entries = Object.entries(labels ?? {})
  if (entries.length === 0) return null
  return (
    <Section title="Labels">
      <p>
        {entries.map(([label, value]) => (
          <span key={label} class="label">
            {shown(label)}={shown(String(value))}
          </span>
        ))}
      </p>
    </Section>
  )
}
