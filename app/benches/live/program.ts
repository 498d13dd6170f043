// deno run --allow-all --unstable-kv program.ts FILE
// The program that the window looks at: fills a Deno KV file and commits as it is told on its standard input.
//   fill N              puts N entries there
//   filled N            takes it that N entries are there
//   commit              commits once what is on screen; answers with the time at which that was done
//   run RATE SECONDS    commits so many times a second, with the rate 0 as fast as it can; answers with the number
const db = await Deno.openKv(Deno.args[0]);
let filled = 0;
let number = 0;

// One entry on screen, one of those that are there already, one that is new, and a counter.
function commit() {
  number++;
  return db.atomic()
    .set(["a", "tick"], { number, at: new Date() })
    .set(["people", (number * 7919) % Math.max(filled, 1)], { name: "Ada Lovelace", visits: number })
    .set(["visits", number], { from: "127.0.0.1", path: "/index.html" })
    .sum(["zero", "count"], 1n)
    .commit();
}

async function fill(entries: number) {
  for (let at = 0; at < entries; at += 500) {
    const atomic = db.atomic();
    for (let i = at; i < Math.min(at + 500, entries); i++) {
      atomic.set(["people", i], {
        name: "Ada Lovelace",
        number: i,
        since: new Date(i * 60_000),
        tags: ["early", "paid"],
        text: "a plain text of middling length, as comments are",
      });
    }
    await atomic.commit();
  }
  filled = entries;
  await commit();
}

async function run(rate: number, seconds: number) {
  const begun = performance.now();
  const end = begun + seconds * 1000;
  let commits = 0;
  while (performance.now() < end) {
    await commit();
    commits++;
    const due = begun + commits * 1000 / rate;
    if (rate > 0 && due > performance.now()) {
      await new Promise((resolve) => setTimeout(resolve, due - performance.now()));
    }
  }
  return commits * 1000 / (performance.now() - begun);
}

const lines = Deno.stdin.readable.pipeThrough(new TextDecoderStream());
let rest = "";
for await (const chunk of lines) {
  rest += chunk;
  const complete = rest.split("\n");
  rest = complete.pop() ?? "";
  for (const line of complete) {
    const [word, first, second] = line.split(" ");
    if (word === "fill") {
      await fill(Number(first));
      console.log("filled");
    } else if (word === "filled") {
      filled = Number(first);
      await commit();
      console.log("filled");
    } else if (word === "commit") {
      await commit();
      console.log(performance.timeOrigin + performance.now());
    } else if (word === "run") {
      console.log(await run(Number(first), Number(second)));
    }
  }
}
db.close();
