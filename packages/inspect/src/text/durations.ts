/** Times as a person reads them. */

const second = 1000
const minute = 60 * second
const hour = 60 * minute
const day = 24 * hour

/** A duration in milliseconds, in the two largest units that say something. */
export const duration = (millis: number): string => {
  if (millis < second) return `${Math.max(0, Math.round(millis))}ms`
  if (millis < minute) return `${(millis / second).toFixed(1)}s`
  if (millis < hour) return `${Math.floor(millis / minute)}m ${Math.floor((millis % minute) / second)}s`
  if (millis < day) return `${Math.floor(millis / hour)}h ${Math.floor((millis % hour) / minute)}m`
  return `${Math.floor(millis / day)}d ${Math.floor((millis % day) / hour)}h`
}
