/**
 * Services that are stopped under load, and at any time. `npm run dev -- server:stops` runs more rounds than the tests do.
 */
import { once } from "node:events"
import { Agent, get } from "node:http"
import { connect, type Socket } from "node:net"
import { start } from "./programs.ts"

type Outcome = "answered" | "refused" | "lost"

/**
 * Asks once. A request is refused where no connection was made, or where a connection that was kept is closed before anything of an answer
 * came and the request may not have been read: what clients ask again. It is lost where the answer ends in the middle.
 */
const ask = (port: number, agent: Agent): Promise<Outcome> =>
  new Promise((resolve) => {
    const request = get({ port, host: "127.0.0.1", path: "/users/7", agent }, (response) => {
      response.resume()
      response.on("end", () => resolve(response.statusCode === 200 ? "answered" : "lost"))
      response.on("error", () => resolve("lost"))
    })
    request.on("error", () => resolve("refused"))
  })

/** Loads a service, stops it, and says what went wrong. */
export const stopUnderLoad = async (rounds: number): Promise<ReadonlyArray<string>> => {
  const wrong: Array<string> = []
  for (let round = 0; round < rounds; round++) {
    const program = start("service")
    const port = await program.port
    const agent = new Agent({ keepAlive: true, maxSockets: 50 })
    const counts = { answered: 0, refused: 0, lost: 0 }
    const load = { isOver: false }
    const client = async () => {
      while (!load.isOver) {
        const outcome = await ask(port, agent)
        counts[outcome]++
        if (outcome === "refused") return
      }
    }
    const clients = Promise.all(Array.from({ length: 50 }, client))
    await new Promise((resolve) => setTimeout(resolve, 100 + Math.random() * 100))
    program.kill("SIGTERM")
    const code = await program.ended
    load.isOver = true
    await clients
    agent.destroy()
    const [, told] = /^answered (\d+)$/m.exec(program.output()) ?? []
    // What it has answered has arrived, and it has ended by itself.
    if (code !== 0 || counts.lost > 0 || Number(told) !== counts.answered) {
      wrong.push(`round ${round}: ended with ${code}, ${JSON.stringify(counts)}, it says ${told}\n${program.output()}`)
    }
  }
  return wrong
}

/** Stops services at any time of their life, once or several times, and says what went wrong. */
export const stopWhenever = async (rounds: number): Promise<ReadonlyArray<string>> => {
  const wrong: Array<string> = []
  for (let round = 0; round < rounds; round++) {
    const program = start("service", [round % 2 === 0 ? "quick" : "slow", String(Math.floor(Math.random() * 200))])
    const agent = new Agent({ keepAlive: true })
    void program.port.then((port) => Promise.all(Array.from({ length: 10 }, () => ask(port, agent))))
    const times = 1 + (round % 4)
    for (let n = 0; n < times; n++) {
      await new Promise((resolve) => setTimeout(resolve, Math.random() * (n === 0 ? 900 : 100)))
      program.kill("SIGTERM")
    }
    // Without an end the test would hang, which says which round.
    const hang = new Promise<string>((resolve) => setTimeout(resolve, 30_000, "nothing").unref())
    const code = await Promise.race([program.ended, hang])
    agent.destroy()
    // Before it listens to signals, they end it as they end any process.
    if (![0, 143, "SIGTERM"].includes(code)) wrong.push(`round ${round}: ended with ${code}\n${program.output()}`)
    if (code === "nothing") program.kill("SIGKILL")
  }
  return wrong
}

/** Has so many clients hang up on a service at once, stops it, and says what went wrong. */
export const hangUpAtOnce = async (count: number): Promise<ReadonlyArray<string>> => {
  const program = start("service", ["slow"], { GRACE: "60000" })
  const port = await program.port
  const clients: Array<Socket> = []
  // As many at a time as wait to be accepted.
  while (clients.length < count) {
    const more = Array.from({ length: Math.min(500, count - clients.length) }, () => connect(port, "127.0.0.1"))
    await Promise.all(more.map((client) => once(client, "connect")))
    for (const client of more) client.on("error", () => {}).write("GET /users/7 HTTP/1.1\r\nHost: x\r\n\r\n")
    clients.push(...more)
  }
  await program.line(/^handling$/)

  for (const client of clients) client.destroy()
  program.kill("SIGTERM")

  // Nothing is left to be cut.
  const code = await program.ended
  return code === 0 ? [] : [`${count} clients: ended with ${code}\n${program.output()}`]
}
