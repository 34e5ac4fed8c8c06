// Placeholder: shows that `npm run bench -- --quick` reaches this program with its arguments.
console.log("no benchmarks yet", process.argv.slice(2))
