/**
 * Asks a person whether a task is to be cancelled, and tells what becomes of it.
 */
import type { JSX } from "preact"
import { useEffect, useRef, useState } from "preact/hooks"
import type { Source, Target } from "../src/dashboard/source.ts"
import type { Asked, Outcome, Selection } from "../src/protocol.ts"
import { shown } from "./texts.ts"

export interface CancellingProps {
  readonly id: number
  readonly name: string
  readonly pid: Target
  readonly source: Source
  /** Told what has become of it, in a sentence. */
  readonly onNews: (news: string) => void
  readonly onClose: () => void
}

const betweenLooks = 100
/** So long, in milliseconds, one waits for the end of a task. */
const patience = 5000

export const Cancelling = ({ id, name, onClose, onNews, pid, source }: CancellingProps): JSX.Element => {
  const dialog = useRef<HTMLDialogElement>(null)
  const [reason, setReason] = useState("")
  const [isTree, setIsTree] = useState(false)
  useEffect(() => dialog.current?.showModal(), [])
  const confirm = async () => {
    onClose()
    try {
      onNews(await cancel(source, pid, isTree ? { trees: [id] } : { tasks: [id] }, reason, onNews))
    } catch (error) {
      onNews(error instanceof Error ? error.message : String(error))
    }
  }
  return (
    <dialog ref={dialog} aria-labelledby="cancelling" onClose={onClose}>
      <form
        method="dialog"
        onSubmit={(event) => {
          event.preventDefault()
          void confirm()
        }}
      >
        <h2 id="cancelling">
          Ask <span class="name">{shown(name)}</span> to cancel itself?
        </h2>
        <p class="quiet">It gets a CancelledError of the kind “requested”, may clean up first, and may refuse.</p>
        <fieldset>
          <legend>What to cancel</legend>
          <label>
            <input type="radio" name="what" checked={!isTree} onChange={() => setIsTree(false)} /> this task
          </label>
          <label>
            <input type="radio" name="what" checked={isTree} onChange={() => setIsTree(true)} /> this task, and all that
            it has created
          </label>
        </fieldset>
        <label class="field">
          Reason, which the program sees
          <input
            type="text"
            value={reason}
            maxLength={500}
            placeholder="none"
            onInput={(event) => setReason(event.currentTarget.value)}
          />
        </label>
        <div class="buttons">
          <button type="button" onClick={onClose}>
            Keep it
          </button>
          <button type="submit" class="danger primary">
            Cancel the task
          </button>
        </div>
      </form>
    </dialog>
  )
}

const cancel = async (
  source: Source,
  pid: Target,
  select: Selection,
  reason: string,
  onNews: (news: string) => void
): Promise<string> => {
  const asked = await source.ask<Asked>(pid, {
    request: "cancel",
    select,
    ...(reason === "" ? {} : { reason })
  })
  if (asked.tasks.length === 0) return "The task has ended by itself."
  onNews(asked.tasks.length === 1 ? "Asked." : `Asked ${asked.tasks.length} tasks.`)
  const end = performance.now() + patience
  for (;;) {
    const outcomes = await source.ask<ReadonlyArray<Outcome>>(pid, { request: "outcome", cancel: asked.cancel })
    const left = outcomes.filter(({ state }) => state === "pending")
    if (left.length === 0)
      return outcomes.length === 1
        ? `${shown(outcomes[0]!.name)} is ${outcomes[0]!.state}.`
        : `All ${outcomes.length} have ended.`
    if (performance.now() > end) {
      const names = left
        .slice(0, 3)
        .map(({ name }) => shown(name))
        .join(", ")
      return `${left.length} of ${outcomes.length} go on: ${names}.`
    }
    await new Promise((resolve) => setTimeout(resolve, betweenLooks))
  }
}
