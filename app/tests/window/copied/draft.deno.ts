const kv = await Deno.openKv("shop.sqlite3");
const result = await kv.atomic()
  .check({ key: ["absent"], versionstamp: null })
  .set(["it's", 42n, new Uint8Array([1, 255])], {tags: ["a", 1n], at: new Date("1970-01-01T00:00:00.000Z")})
  .set(["cache"], "x", { expireIn: 86400000 })
  .set(["late"], "x", { expireIn: Math.max(0, 4102444800000 - Date.now()) })
  .set(["log", kv.commitVersionstamp()], new Deno.KvU64(7n))
  .delete(["gone"])
  .sum(["visits"], 2n)
  .mutate({ type: "sum", key: ["balance"], value: -5n as unknown as Deno.KvU64 })
  .min(["least"], 3n)
  .max(["most"], 3n)
  .enqueue({mail: "Ada"}, { delay: 3600000, keysIfUndelivered: [["dead"]], backoffSchedule: [100, 2000] })
  .commit();
if (!result.ok) throw new Error("Nothing was committed, because a check does not hold");
