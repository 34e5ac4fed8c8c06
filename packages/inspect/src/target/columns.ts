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

/** The columns of some tasks, which grow by a row at a time. */
class GrowingColumns {
  readonly #ids: Array<number> = []
  readonly #names: Array<string> = []
  readonly #untils: Array<number> = []
  readonly #labels = new Growing<TaskRow["labels"], object>()
  readonly #createdBy = new Growing<Ref | null, unknown>()
  readonly #createdAt = new Growing<number>()
  readonly #detached = new Growing<boolean>()
  readonly #state = new Growing<TaskRow["state"]>()
  readonly #cancelling = new Growing<number>()
  readonly #cancellation = new Growing<NonNullable<TaskRow["cancellation"]> | null, object | undefined>()
  readonly #waitingSince = new Growing<number | null>()
  readonly #awaiters = new Growing<TaskRow["awaiters"], string>()
  readonly #waits = new Growing<TaskRow["waits"], string>()
  readonly #stack = new Growing<TaskRow["stack"], string>()

  add(row: TaskRow): void {
    this.#ids.push(row.id)
    this.#names.push(row.name)
    for (const each of row.waits) if (each.kind === "sleep") this.#untils.push(each.until!)
    this.#labels.add(isEmpty(row.labels) ? none : row.labels, row.labels)
    // A creator that was forgotten has a name alone.
    this.#createdBy.add(row.createdBy?.id ?? row.createdBy?.name, row.createdBy ?? null)
    this.#createdAt.add(row.createdAt, row.createdAt)
    this.#detached.add(row.detached, row.detached)
    this.#state.add(row.state, row.state)
    this.#cancelling.add(row.cancelling, row.cancelling)
    this.#cancellation.add(row.cancellation, row.cancellation ?? null)
    this.#waitingSince.add(row.waitingSince ?? null, row.waitingSince ?? null)
    this.#awaiters.add(row.awaiters.join(), row.awaiters)
    this.#waits.add(row.waits.map(waitKey).join("\n"), row.waits.map(withoutUntil))
    this.#stack.add(stackKey(row.stack), row.stack)
  }

  columns(): TaskColumns {
    return {
      ids: this.#ids,
      names: this.#names,
      untils: this.#untils,
      labels: this.#labels.column(),
      createdBy: this.#createdBy.column(),
      createdAt: this.#createdAt.column(),
      detached: this.#detached.column(),
      state: this.#state.column(),
      cancelling: this.#cancelling.column(),
      cancellation: this.#cancellation.column(),
      waitingSince: this.#waitingSince.column(),
      awaiters: this.#awaiters.column(),
      waits: this.#waits.column(),
      stack: this.#stack.column()
    }
  }
}

/** The columns of some tasks. */
export const columnsOf = (rows: Iterable<TaskRow>): TaskColumns => {
  const columns = new GrowingColumns()
  for (const row of rows) columns.add(row)
  return columns.columns()
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
