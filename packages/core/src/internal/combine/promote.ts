/**
 * Letting a task of a group go.
 */
import { RuntimeError } from "../model/errors.ts"
import { withHint } from "../model/hints.ts"
import { ancestorOf } from "../task/ancestry.ts"
import type { TaskImpl } from "../task/task.ts"
import type { DoneEntry } from "../task/doneEntries.ts"
import { plain } from "../data/text.ts"
import { Member } from "./member.ts"

const isMember = (entry: DoneEntry): entry is Member => entry instanceof Member

/** Makes a task of a group a detached one, if the group consents. */
export const promoteTask = (task: TaskImpl): void => {
  const ancestor = ancestorOf(task)
  const member = task.entries().find(isMember)
  if (member === undefined) throw inNoGroup(task, ancestor.promoted)
  member.release()
  ancestor.detached = ancestor.promoted = true
}

const inNoGroup = (task: TaskImpl, promoted: boolean): RuntimeError => {
  const name = plain(task.getName())
  if (promoted) {
    // When: `promote` of a task that has left its group already.
    return withHint(new RuntimeError(`${name} was promoted already`), "Ask `task.detached` first.")
  }
  if (task.done()) {
    // When: `promote` of a task that is done.
    return withHint(new RuntimeError(`${name} cannot be promoted: it is done`), "Ask `task.done()` first.")
  }
  // When: `promote` of a task that `createTask` has made, and not a group.
  return withHint(
    new RuntimeError(`${name} cannot be promoted: it is in no task group`),
    "Make it with `detached: true` if it is to go on when the tree of its creator is cancelled."
  )
}
