// node serve-node.mjs URL FOLDER-OF-NODE_MODULES
// Uses every method of @deno/kv that works over KV Connect, and enqueues a message.
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { assertEquals, cases } from "./serve-cases.js";
const [url, modules] = process.argv.slice(2);
const { openKv, KvU64 } = createRequire(pathToFileURL(`${modules}/x.js`))("@deno/kv");
const db = await openKv(url);
let number = await cases(db, (n) => new KvU64(n), [0]);
const enqueued = await db.enqueue({ from: "node" }, { keysIfUndelivered: [["failed"]], backoffSchedule: [100] });
assertEquals(enqueued.ok, true);
number += 1;
db.close();
console.log(JSON.stringify({ ok: number }));
process.exit(0);
