// deno run -A --unstable-kv serve-deno.ts URL
// Uses every method of Deno.Kv that works over KV Connect, and fails unless each does what it does locally.
import { assertEquals } from "./serve-cases.js";
import { cases } from "./serve-cases.js";
const db = await Deno.openKv(Deno.args[0]);
let number = await cases(db, (n: bigint) => new Deno.KvU64(n), [-0, 0]);

// Only here: keys that end with the versionstamp, summing what V8 16 wrote, and refusals in the client.
const stamped = await db.atomic().set(["log", db.commitVersionstamp()], "x").commit();
assertEquals((await db.get(["log", stamped.versionstamp])).value, "x");
await db.set(["big"], 5n);
await db.atomic().mutate({ type: "sum", key: ["big"], value: 2n ** 70n } as never).commit();
assertEquals((await db.get(["big"])).value, 5n + 2n ** 70n);
await db.set(["float"], 1.5);
await db.atomic().mutate({ type: "sum", key: ["float"], value: 2.25 } as never).commit();
assertEquals((await db.get(["float"])).value, 3.75);
for (const value of [new Map([[1, new Set(["a"])]]), new Error("e"), /x/g, new Float16Array([1.5]), [1, , 3]]) {
  await db.set(["odd"], value);
  assertEquals(Deno.inspect((await db.get(["odd"])).value), Deno.inspect(value));
}
try {
  await db.atomic().sum(["odd"], 1n).commit();
  throw new Error("a sum to an array was taken");
} catch (error) {
  assertEquals((error as Error).message.includes("(status=400 Bad Request): Failed to perform 'sum' mutation on a non-U64 value in the database"), true);
}
const many = db.atomic();
for (let i = 0; i < 100; i++) many.check({ key: ["none", i], versionstamp: null });
assertEquals((await many.set(["hundred"], 1).commit()).ok, true);
number += 8;
db.close();
console.log(JSON.stringify({ ok: number }));
