// A program without tasks, which ends when its standard input does.
console.log("ready")
process.stdin.on("end", () => process.exit()).resume()
