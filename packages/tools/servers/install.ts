// `npm run dev -- servers:install`: Debian's PostgreSQL and Redis, where there are none and this is root. Tests and commands that need one
// say so and skip it where there is none.
import { findPostgres, findRedis, installDebian } from "./debian.ts"

if (findPostgres() === undefined) installDebian("postgresql")
if (findRedis() === undefined) installDebian("redis-server")
console.log(`PostgreSQL: ${findPostgres()?.postgres ?? "missing"}\nRedis: ${findRedis() ?? "missing"}`)
