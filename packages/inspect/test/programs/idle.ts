// A program without tasks.
console.log("ready")
setInterval(() => {}, 60_000)
