/**
 * The 69 microbenchmarks by which Go tests its profile of leaked goroutines, in asyncio's words: 63 bugs of real programs, which GoBench
 * (doi:10.1109/CGO51591.2021.9370317) has collected, and six patterns. See https://github.com/golang/go/issues/74609.
 */
import { cockroach } from "./cockroach.ts"
import { etcd, grpc } from "./etcdAndGrpc.ts"
import type { Program } from "./go.ts"
import { kubernetes } from "./kubernetes.ts"
import { moby } from "./moby.ts"
import { others, patterns } from "./others.ts"

export const programs: ReadonlyArray<Program> = [
  ...cockroach,
  ...etcd,
  ...grpc,
  ...kubernetes,
  ...moby,
  ...others,
  ...patterns
]

/** What a task of a program is called in a process that has many. */
export const nameOf = ({ name }: Program, task: string): string => `${name}: ${task}`
