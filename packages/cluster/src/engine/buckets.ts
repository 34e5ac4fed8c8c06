/**
 * Which bucket a task is in: the instance of the entity that its messages go to, the same for as long as there are any.
 */

/** How many shards each definition has. Kept in databases, and the same in all processes. */
export const shards = 32

// Kept in databases: another number would look for tasks where they are not.
const buckets = 256

/** `DEFINITION/BUCKET` */
export const bucketOf = (definition: string, name: string): string => `${definition}/${hash(name) % buckets}`

/** FNV-1a, of the code units. */
const hash = (text: string): number => {
  let h = 0x811c9dc5
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193) >>> 0
  return h
}
