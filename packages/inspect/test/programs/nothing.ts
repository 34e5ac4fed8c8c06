// Ends as soon as it is loaded.
console.log("here")
