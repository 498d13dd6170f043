// node count-node.mjs URL FOLDER-OF-NODE_MODULES ROUNDS
// Adds to the total of count.ts, each round with a check of what was read; prints the versionstamps of its commits. Other
// values of Deno's @deno/kv cannot read.
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
const [url, modules, rounds] = process.argv.slice(2);
const { openKv, KvU64 } = createRequire(pathToFileURL(`${modules}/x.js`))("@deno/kv");
const db = await openKv(url);
const stamps = [];
while (stamps.length < Number(rounds)) {
  const total = await db.get(["total"]);
  const one = { type: "sum", key: ["total"], value: new KvU64(1n) };
  const commit = await db.atomic().check(total).mutate(one).commit();
  if (commit.ok) stamps.push(commit.versionstamp);
}
db.close();
console.log(JSON.stringify({ stamps }));
process.exit(0);
