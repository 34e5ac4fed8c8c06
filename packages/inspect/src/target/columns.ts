/**
 * Tasks as columns: what many tasks have in common is read, sent and kept once.
 */
import type { AwaitRow, Column, Ref, TaskColumns, TaskRow } from "../protocol.ts"

/** The different values of a field, each by a key that is cheap to make. */
class Growing<T, K = T> {
  readonly #numbers = new Map<K, number>()
  readonly #values: Array<T> = []
  readonly #at: Array<number> = []

  add(key: K, value: T): void {
    let number = this.#numbers.get(key)
    if (number === undefined) {
      number = this.#values.push(value) - 1
      this.#numbers.set(key, number)
    }
    this.#at.push(number)
  }

  column(): Column<T> {
    return this.#values.length > 1 ? { values: this.#values, at: this.#at } : { values: this.#values }
  }
}

/** The columns of some tasks. */
export const columnsOf = (rows: Iterable<TaskRow>): TaskColumns => {
  const ids: Array<number> = []
  const names: Array<string> = []
  const untils: Array<number> = []
  const labels = new Growing<TaskRow["labels"], object>()
  const createdBy = new Growing<Ref | null, unknown>()
  const createdAt = new Growing<number>()
  const detached = new Growing<boolean>()
  const state = new Growing<TaskRow["state"]>()
  const cancelling = new Growing<number>()
  const cancellation = new Growing<NonNullable<TaskRow["cancellation"]> | null, object | undefined>()
  const waitingSince = new Growing<number | null>()
  const awaiters = new Growing<TaskRow["awaiters"], string>()
  const waits = new Growing<TaskRow["waits"], string>()
  const stack = new Growing<TaskRow["stack"], string>()
  for (const row of rows) {
    ids.push(row.id)
    names.push(row.name)
    for (const each of row.waits) if (each.kind === "sleep") untils.push(each.until!)
    labels.add(isEmpty(row.labels) ? none : row.labels, row.labels)
    // A creator that was forgotten has a name alone.
    createdBy.add(row.createdBy?.id ?? row.createdBy?.name, row.createdBy ?? null)
    createdAt.add(row.createdAt, row.createdAt)
    detached.add(row.detached, row.detached)
    state.add(row.state, row.state)
    cancelling.add(row.cancelling, row.cancelling)
    cancellation.add(row.cancellation, row.cancellation ?? null)
    waitingSince.add(row.waitingSince ?? null, row.waitingSince ?? null)
    awaiters.add(row.awaiters.join(), row.awaiters)
    waits.add(row.waits.map(waitKey).join("\n"), row.waits.map(withoutUntil))
    stack.add(stackKey(row.stack), row.stack)
  }
  return {
    ids,
    names,
    untils,
    labels: labels.column(),
    createdBy: createdBy.column(),
    createdAt: createdAt.column(),
    detached: detached.column(),
    state: state.column(),
    cancelling: cancelling.column(),
    cancellation: cancellation.column(),
    waitingSince: waitingSince.column(),
    awaiters: awaiters.column(),
    waits: waits.column(),
    stack: stack.column()
  }
}

const none = {}

const isEmpty = (labels: TaskRow["labels"]): boolean => {
  for (const _ in labels) return false
  return true
}

const waitKey = ({ kind, object, operation, task, text }: AwaitRow): string => {
  if (kind === "task") return `task ${task}`
  if (kind === "object") return `object ${object} ${operation}`
  return kind === "future" ? `future ${text}` : kind
}

const withoutUntil = (each: AwaitRow): AwaitRow => (each.kind === "sleep" ? { kind: "sleep", until: 0 } : each)

const stackKey = (stack: TaskRow["stack"]): string => {
  let key = ""
  for (const { definedAt, location, name } of stack) key += `${name}\n${location ?? ""}\n${definedAt ?? ""}\n`
  return key
}
