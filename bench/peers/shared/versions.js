// Prints the versions of the packages named, and Node's: a line each.
"use strict";

for (const name of process.argv.slice(2))
    console.log(name, require(`${name}/package.json`).version);
console.log("node", process.versions.node);
