// What Deno and Node have in common, on a database of any kind.
export function assertEquals(found, expected) {
  const text = (value) =>
    JSON.stringify(value, (_key, value) => {
      if (typeof value === "bigint") return `${value}n`;
      if (value instanceof Uint8Array) return `bytes ${[...value]}`;
      return value === undefined ? "undefined" : value;
    });
  if (text(found) !== text(expected)) throw new Error(`found ${text(found)}, expected ${text(expected)}`);
}

async function keys(list) {
  const found = [];
  for await (const entry of list) found.push(entry.key);
  return found;
}

async function fails(what) {
  try {
    await what();
  } catch (error) {
    return error.message;
  }
  throw new Error("it went well");
}

/** Returns how many things were looked at. The zeros are those that the client tells apart as keys: Deno -0 and 0, @deno/kv not. */
export async function cases(db, u64, zeros) {
  let number = 0;
  const equals = (found, expected) => {
    number++;
    assertEquals(found, expected);
  };
  // get, set, delete
  equals(await db.get(["none"]), { key: ["none"], value: null, versionstamp: null });
  for (const value of [undefined, null, true, 1.5, "text", 5n, new Uint8Array([1, 2]), [1, { a: "b" }], new Date(0)]) {
    const set = await db.set(["value"], value);
    equals(set.ok, true);
    equals(await db.get(["value"]), { key: ["value"], value, versionstamp: set.versionstamp });
  }
  await db.delete(["value"]);
  equals((await db.get(["value"])).versionstamp, null);
  // getMany: the order of the keys, twice the same, absent ones
  await db.atomic().set(["m", 1], "one").set(["m", 2], "two").commit();
  const many = await db.getMany([["m", 2], ["m", 0], ["m", 1], ["m", 2]]);
  equals(many.map((entry) => entry.value), ["two", null, "one", "two"]);
  // list: every kind of part, in order
  const parts = [
    new Uint8Array([0]), new Uint8Array([255]), "", "a", "b", -(2n ** 64n), -1n, 0n, 1n, 2n ** 64n, -Infinity, -1, ...zeros, 1.5,
    Infinity, false, true,
  ];
  const shuffled = parts.map((part, i) => [(i * 5) % parts.length, part]).sort((a, b) => a[0] - b[0]);
  for (const [, part] of shuffled) await db.set(["order", part], 1);
  const order = (await keys(db.list({ prefix: ["order"] }))).map((key) => key[1]);
  equals(order, parts);
  equals(Object.is(order[12], -0), zeros.length === 2);
  const reversed = (await keys(db.list({ prefix: ["order"] }, { reverse: true }))).map((key) => key[1]);
  equals(reversed, [...parts].reverse());
  // list: bounds, limits, pages, cursors
  const all = [];
  for (let i = 0; i < 25; i++) {
    all.push(["page", i]);
    await db.set(["page", i], i);
  }
  for (const batchSize of [1, 2, 7, 24, 25, 26, 500]) {
    equals(await keys(db.list({ prefix: ["page"] }, { batchSize })), all);
    equals(await keys(db.list({ prefix: ["page"] }, { batchSize, reverse: true })), [...all].reverse());
  }
  equals(await keys(db.list({ prefix: ["page"], start: ["page", 20] })), all.slice(20));
  equals(await keys(db.list({ prefix: ["page"], end: ["page", 5] })), all.slice(0, 5));
  equals(await keys(db.list({ start: ["page", 3], end: ["page", 6] })), all.slice(3, 6));
  equals(await keys(db.list({ start: ["page", 3], end: ["page", 6] }, { reverse: true })), all.slice(3, 6).reverse());
  for (const reverse of [false, true]) {
    let cursor;
    const seen = [];
    for (;;) {
      const page = db.list({ prefix: ["page"] }, { limit: 4, reverse, cursor });
      const found = await keys(page);
      // After an empty page @deno/kv has no cursor.
      if (found.length === 0) break;
      seen.push(...found);
      cursor = page.cursor;
      if (cursor === "") break;
    }
    equals(seen, reverse ? [...all].reverse() : all);
  }
  // atomic: checks, and all or nothing
  const first = await db.set(["checked"], 1);
  const entry = await db.get(["checked"]);
  equals(entry.versionstamp, first.versionstamp);
  equals((await db.atomic().check(entry).set(["checked"], 2).commit()).ok, true);
  equals(await db.atomic().check(entry).set(["checked"], 3).set(["other"], 3).commit(), { ok: false });
  equals((await db.get(["checked"])).value, 2);
  equals((await db.get(["other"])).value, null);
  equals((await db.atomic().check({ key: ["other"], versionstamp: null }).set(["other"], 4).commit()).ok, true);
  // sum, min, max
  for (const [act, value, expected] of [
    ["sum", 5n, 5n], ["sum", 2n, 7n], ["min", 6n, 6n], ["min", 9n, 6n], ["max", 3n, 6n], ["max", 2n ** 64n - 1n, 2n ** 64n - 1n],
    ["sum", 2n, 1n],
  ]) {
    await db.atomic()[act](["number"], value).commit();
    equals((await db.get(["number"])).value.value, expected);
  }
  await db.set(["number"], u64(2n ** 63n));
  equals((await db.get(["number"])).value.value, 2n ** 63n);
  // expiry
  await db.set(["expiring"], 1, { expireIn: 1500 });
  equals((await db.get(["expiring"])).value, 1);
  while ((await db.get(["expiring"])).versionstamp !== null) await new Promise((wake) => setTimeout(wake, 50));
  number++;
  // watch
  await db.delete(["watched"]);
  await db.set(["beside"], "b");
  const watch = db.watch([["watched"], ["beside"]]).getReader();
  equals((await watch.read()).value.map((entry) => entry.value), [null, "b"]);
  for (const value of ["one", "two"]) {
    await db.set(["watched"], value);
    equals((await watch.read()).value.map((entry) => entry.value), [value, "b"]);
  }
  await db.delete(["watched"]);
  equals((await watch.read()).value.map((entry) => entry.value), [null, "b"]);
  await watch.cancel();
  // limits and their words
  // Deno checks them itself, @deno/kv leaves them to the server.
  const longKey = await fails(() => db.set(["long", "x".repeat(2048)], 1));
  equals(/Key too large for write|A key exceeds the key size limit/.test(longKey), true);
  const largeValue = await fails(() => db.set(["large"], new Uint8Array(65537)));
  equals(/Value too large|value too large|A value exceeds the value size limit/.test(largeValue), true);
  await db.set(["large"], new Uint8Array(65536).fill(7));
  equals((await db.get(["large"])).value.length, 65536);
  return number;
}
