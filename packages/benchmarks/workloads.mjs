/** What is measured. `key` is the property under which a peer keeps its program: a function of the number of operations. */
export const workloads = [
  { name: "create and await", key: "createAndAwait", n: 100_000, quick: 5_000 },
  { name: "create N, then await all", key: "createThenAwait", n: 100_000, quick: 5_000 },
  { name: "sleep(0) in one task", key: "sleepZero", n: 200_000, quick: 10_000 },
  { name: "sleep(0) in 100 tasks", key: "sleepZeroInMany", n: 200_000, quick: 10_000 }
]
