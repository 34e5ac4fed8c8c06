/**
 * Labels of tasks, as texts.
 */

type Labels = Readonly<Record<string, unknown>>

/** Whether a label is there, and reads so: one that a task does not have is not "undefined". */
export const hasLabel = (labels: Labels, key: string, value: string): boolean =>
  Object.hasOwn(labels, key) && String(labels[key]) === value
