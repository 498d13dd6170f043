// deno run -A --unstable-kv client.ts URL WORK IN_FLIGHT SECONDS
// Does one kind of work over KV Connect with so many operations under way at a time, and prints as JSON how many were
// done, in how many seconds, and how long half and 99 of 100 took at most, in milliseconds.
const [url, work, flights, time] = Deno.args;
const inFlight = Number(flights);
const seconds = Number(time);
const db = await Deno.openKv(url);
const ENTRIES = 10_000;
const value = { name: "a thing in the shop", count: 12, price: 3.5, tags: ["new", "small"], text: "x".repeat(100) };
let turn = 0;

async function fill() {
  for (let from = 0; from < ENTRIES; from += 500) {
    const operation = db.atomic();
    for (let n = from; n < from + 500; n++) operation.set(["data", n], value);
    await operation.commit();
  }
}

// Each operation by a number of its own.
const works: Record<string, (n: number) => Promise<unknown>> = {
  get: (n) => db.get(["data", (n * 7919) % ENTRIES]),
  set: (n) => db.set(["written", n % ENTRIES], value),
  getMany: (n) => db.getMany(Array.from({ length: 10 }, (_, i) => ["data", (n * 7919 + i) % ENTRIES])),
  list: async (n) => {
    const start = ["data", (n * 7919) % (ENTRIES - 1000)];
    const entries = db.list({ start, end: ["data", Infinity] }, { limit: 1000, batchSize: 1000 });
    let found = 0;
    for await (const _ of entries) found++;
    if (found !== 1000) throw new Error(`${found} entries`);
  },
  atomic: async (n) => {
    const operation = db.atomic();
    for (let i = 0; i < 9; i++) operation.set(["written", (n * 10 + i) % ENTRIES], value);
    await operation.sum(["sum", n % 100], 1n).commit();
  },
};

// From a set until its watch tells of it.
async function watched(keys: number, together: number) {
  const waiting = new Map<number, (value: unknown) => void>();
  const readers = [];
  const started = [];
  for (let from = 0; from < keys; from += together) {
    const numbers = Array.from({ length: Math.min(together, keys - from) }, (_, i) => from + i);
    const reader = db.watch<number[]>(numbers.map((n) => ["watched", n])).getReader();
    readers.push(reader);
    let told = (_: unknown) => {};
    started.push(new Promise((resolve) => (told = resolve)));
    (async () => {
      for (let next = await reader.read(); !next.done; next = await reader.read()) {
        told(undefined);
        next.value.forEach((entry, i) => {
          if (entry.value !== null) waiting.get(numbers[i] * 1e9 + Number(entry.value))?.(undefined);
        });
      }
    })().catch(() => {});
  }
  await Promise.all(started);
  return {
    // One operation at a time changes a key, so that each change is told.
    change: async (n: number, key: number) => {
      const seen = new Promise((resolve) => waiting.set(key * 1e9 + n, resolve));
      const committed = await db.set(["watched", key], n);
      const begun = performance.now();
      await seen;
      waiting.delete(key * 1e9 + n);
      return { committed, delay: performance.now() - begun };
    },
    end: () => readers.forEach((reader) => reader.cancel().catch(() => {})),
  };
}

const times: number[] = [];
let operation: (n: number, flight: number) => Promise<number | void>;
let end = () => {};
if (work === "fill") {
  await fill();
  db.close();
  Deno.exit(0);
} else if (work === "watch" || work === "watchers") {
  const keys = work === "watch" ? 100 : 1000;
  const all = await watched(keys, work === "watch" ? 10 : 1);
  end = all.end;
  operation = async (n, flight) => {
    const { delay } = await all.change(n, (Math.floor(n / inFlight) * inFlight + flight) % keys);
    // A thousand watchers are asked when what was committed reaches them, and not how often.
    if (work === "watchers") {
      await new Promise((resolve) => setTimeout(resolve, 5));
      return delay;
    }
  };
} else {
  operation = async (n) => {
    await works[work](n);
  };
}

async function run(until: number, record: boolean) {
  let done = 0;
  await Promise.all(
    Array.from({ length: inFlight }, async (_, flight) => {
      while (performance.now() < until) {
        const begun = performance.now();
        const delay = await operation(turn++, flight);
        if (record) times.push(delay ?? performance.now() - begun);
        done++;
      }
    }),
  );
  return done;
}

await run(performance.now() + 300, false);
const begun = performance.now();
console.log("begun");
const done = await run(begun + seconds * 1000, true);
const took = (performance.now() - begun) / 1000;
times.sort((a, b) => a - b);
const part = (share: number) => times[Math.floor((times.length - 1) * share)];
console.log(JSON.stringify({ done, seconds: took, p50: part(0.5), p99: part(0.99) }));
end();
Deno.exit(0);
