import { describe, expect, it } from "vitest";
import { QueryError } from "./lexer.ts";
import type { QueryEvent } from "./row.ts";
import { openQuery } from "./run.ts";

const minute = 60_000;
const start = Date.UTC(2026, 0, 1);

/** Newest first, as the store gives them; a message a minute. */
const eventsOf = (messages: readonly unknown[]): QueryEvent[] =>
  messages
    .map((message, at) => ({
      timestamp: start + at * minute,
      message: typeof message === "string" ? message : JSON.stringify(message),
      ingestionTime: start + at * minute + 5,
      log: "000000000000:/app",
      logStream: `web/${at % 2}`,
      pointer: `p${at}`,
    }))
    .toReversed();

function run(query: string, messages: readonly unknown[], limit?: number) {
  const running = openQuery(query, { now: start, ...(limit !== undefined && { limit }) });
  for (const event of eventsOf(messages)) if (!running.add(event)) break;
  const rows = running
    .results()
    .map((row) => Object.fromEntries(row.map(({ field, value }) => [field, value])));
  return { rows, matched: running.matched() };
}
const column = (query: string, messages: readonly unknown[], name: string) =>
  run(query, messages).rows.map((row) => row[name]);

const requests = [
  { level: "info", path: "/a", ms: 12, user: { id: 1 }, tags: ["x"] },
  { level: "error", path: "/b", ms: 250.5, user: { id: 2 } },
  { level: "info", path: "/a", ms: 8 },
  { level: "warn", path: "/c", ms: "40", user: { id: 1 } },
];

describe("columns of an answer", () => {
  it("no fields named: time, message and pointer, newest first", () => {
    expect(run("limit 2", ["a", "b", "c"]).rows).toEqual([
      { "@timestamp": "2026-01-01 00:02:00.000", "@message": "c", "@ptr": "p2" },
      { "@timestamp": "2026-01-01 00:01:00.000", "@message": "b", "@ptr": "p1" },
    ]);
  });

  it("fields and aliases: those that are there, and the pointer", () => {
    const { rows } = run(
      "fields path, user.id as who, tags.0, ms * 2 + 1 | sort ms desc",
      requests,
    );
    expect(rows).toEqual([
      { path: "/b", who: "2", "ms * 2 + 1": "502", "@ptr": "p1" },
      { path: "/c", who: "1", "ms * 2 + 1": "81", "@ptr": "p3" },
      { path: "/a", who: "1", "tags.0": "x", "ms * 2 + 1": "25", "@ptr": "p0" },
      { path: "/a", "ms * 2 + 1": "17", "@ptr": "p2" },
    ]);
  });

  it("display: it alone says what is shown", () => {
    const { rows } = run("fields ms, path | display path | limit 1", requests);
    expect(rows).toEqual([{ path: "/c", "@ptr": "p3" }]);
  });

  it("names of the event's own: stream, log, ingestion time", () => {
    expect(run("fields @logStream, @log, @ingestionTime | limit 1", ["a"]).rows[0]).toEqual({
      "@logStream": "web/0",
      "@log": "000000000000:/app",
      "@ingestionTime": "2026-01-01 00:00:00.005",
      "@ptr": "p0",
    });
  });
});

describe("filters", () => {
  it.each([
    ['level = "error"', ["/b"]],
    ["level = 'info' and ms > 10", ["/a"]],
    ['level in ["warn", "error"]', ["/b", "/c"]],
    ['level not in ["warn", "error"] and ms < 10', ["/a"]],
    ["level like 'err'", ["/b"]],
    ["level like /^(err|war)/", ["/b", "/c"]],
    ["level not like /(?i)INFO/", ["/b", "/c"]],
    ["level =~ /(?i)^WARN$/", ["/c"]],
    ["not (level = 'info') and path != '/c'", ["/b"]],
    ["ms >= 40 or path = '/a' and ms < 10", ["/b", "/a", "/c"]],
    ["@message like /250\\.5/", ["/b"]],
    ["ispresent(user.id) and user.id != 2", ["/a", "/c"]],
    ["strlen(level) = 5", ["/b"]],
  ])("%s", (condition, expected) => {
    const found = column(`fields path | filter ${condition} | sort @timestamp`, requests, "path");
    expect(found).toEqual(expected);
  });

  it("matched: what came through the filters, whatever is shown of it", () => {
    expect(run("filter level = 'info' | limit 5", requests).matched).toBe(2);
    expect(run("filter level = 'info' | stats count(*)", requests).matched).toBe(2);
  });
});

describe("stats", () => {
  it("each aggregate over all rows: one row", () => {
    const { rows } = run(
      `stats count(*), count(user.id) as users, count_distinct(path) as paths, sum(ms) as total,
        avg(ms) as mean, min(ms) as least, max(ms) as most, pct(ms, 50) as half,
        earliest(path) as first, latest(path) as last, max(ms) - min(ms) as span`,
      requests,
    );
    expect(rows).toEqual([
      {
        "count(*)": "4",
        users: "3",
        paths: "3",
        total: "310.5",
        mean: "77.625",
        least: "8",
        most: "250.5",
        half: "12",
        first: "/a",
        last: "/c",
        span: "242.5",
      },
    ]);
  });

  it("by field and by bin: a row for each group", () => {
    expect(run("stats count(*) as n by level | sort n desc, level asc", requests).rows).toEqual([
      { level: "info", n: "2" },
      { level: "error", n: "1" },
      { level: "warn", n: "1" },
    ]);
    const bins = run("stats sum(ms) by bin(2m) as at | sort at", requests).rows;
    expect(bins).toEqual([
      { at: "2026-01-01 00:00:00.000", "sum(ms)": "262.5" },
      { at: "2026-01-01 00:02:00.000", "sum(ms)": "48" },
    ]);
  });

  it("sorted by an aggregate as written, and limited", () => {
    const query = "stats count(*) by path | sort count(*) desc | limit 1";
    expect(run(query, requests).rows).toEqual([{ path: "/a", "count(*)": "2" }]);
  });

  it("stats of stats: the second one's columns", () => {
    const query = "stats count(*) as n by path | stats max(n) as most, count(*) as paths";
    expect(run(query, requests).rows).toEqual([{ most: "2", paths: "3" }]);
  });

  it("no events: a count of none", () => {
    expect(run("stats count(*) as n, avg(ms)", []).rows).toEqual([{ n: "0" }]);
    expect(run("stats count(*) as n by path", []).rows).toEqual([]);
  });
});

describe("conditions that are functions", () => {
  it.each([
    ["strcontains(level, 'arn')", 1],
    ["not strcontains(level, 'arn')", 3],
    ["isempty(user.id)", 1],
    ["not isblank(user.id) and ispresent(ms)", 3],
    ["isValidIp(path)", 0],
  ])("filter %s: %d rows", (condition, count) => {
    expect(run(`filter ${condition}`, requests).rows).toHaveLength(count);
  });
});

describe("parse, dedup and limits", () => {
  it("wildcards: each as short as may be, the last one takes the rest, however long the line", () => {
    const glob = (text: string, of: string) =>
      run(`parse '${text}' as a, b | stats count(*) by a, b`, [of]).rows[0];
    expect(glob("*l*", "hello")).toEqual({ a: "he", b: "lo", "count(*)": "1" });
    expect(glob("[*] *!", "on [x] y! z!")).toEqual({ a: "x", b: "y", "count(*)": "1" });
    expect(glob("*l*", "no such")).toEqual({ "count(*)": "1" });
    const many = "*,".repeat(30);
    const names = Array.from({ length: 30 }, (_, at) => `f${at}`).join(", ");
    const long = "x".repeat(200_000);
    expect(column(`parse '${many}' as ${names} | display f0`, [long], "f0")).toEqual([undefined]);
  });

  const lines = ["GET /a 200 in 5 ms", "GET /b 500 in 70 ms", "noise", "GET /a 200 in 9 ms"];

  it("by a glob: its wildcards as fields", () => {
    const query =
      "parse @message '* * * in * ms' as verb, path, status, ms | filter ms > 6 | sort ms";
    expect(run(`${query} | display path, ms`, lines).rows).toEqual([
      { path: "/a", ms: "9", "@ptr": "p3" },
      { path: "/b", ms: "70", "@ptr": "p1" },
    ]);
  });

  it("by a regular expression: its named groups, or those named after it", () => {
    const named = "parse /(?<path>\\/\\S+) (?<status>\\d+)/ | filter status = 500 | display path";
    expect(column(named, lines, "path")).toEqual(["/b"]);
    const after = "parse @message /in (\\d+) ms/ as ms | stats max(ms) as most";
    expect(column(after, lines, "most")).toEqual(["70"]);
  });

  it("dedup: the newest of each; what lacks the field stays", () => {
    const query = "parse @message '* * *' as verb, path, rest | dedup path | display @ptr";
    expect(column(query, lines, "@ptr")).toEqual(["p3", "p2", "p1"]);
  });

  it("the limit asked beside the query: holds where the query has none", () => {
    expect(run("fields @message", lines, 3).rows).toHaveLength(3);
    expect(run("fields @message | limit 4", lines, 3).rows).toHaveLength(4);
  });

  it("a limit that is reached: no more events are wanted", () => {
    const running = openQuery("filter @message like 'GET' | limit 1", { now: 0 });
    const [first, second] = eventsOf(["GET", "x"]);
    expect(first && running.add(first)).toBe(true);
    expect(second && running.add(second)).toBe(false);
  });
});

describe("functions", () => {
  it.each([
    ["concat(level, '-', ms)", "info-12"],
    ["toupper(level)", "INFO"],
    ["substr(path, 1)", "a"],
    ["replace(path, '/', '#')", "#a"],
    ["coalesce(nope, level)", "info"],
    ["floor(ms / 5)", "2"],
    ["ceil(ms / 5)", "3"],
    ["abs(-ms)", "12"],
    ["ms % 5", "2"],
    ["2 ^ 3 ^ 2", "512"],
    ["greatest(1, ms, 3)", "12"],
    ["trim('  x ')", "x"],
    ["ltrim('xxy', 'x')", "y"],
    ["strcontains(level, 'nf')", "1"],
    ["isempty(nope)", "1"],
    ["isblank(level)", "0"],
    ["isValidIp('10.0.0.256')", "false"],
    ["isValidIp('2001:db8::1')", "true"],
    ["isIpv4InSubnet('10.0.3.7', '10.0.2.0/23')", "true"],
    ["isIpv4InSubnet('10.0.4.7', '10.0.2.0/23')", "false"],
    ["isIpInSubnet('8.8.8.8', '0.0.0.0/0')", "true"],
    ["isIpv6InSubnet('2001:db8:1::5', '2001:db8::/32')", "true"],
    ["isIpv6InSubnet('10.0.0.1', '2001:db8::/32')", "false"],
    ["fromMillis(0)", "1970-01-01 00:00:00.000"],
    ["toMillis(@timestamp)", String(start)],
    ["datefloor(@timestamp, 1h)", "2026-01-01 00:00:00.000"],
    ["(1 + 2) * 3", "9"],
    ["10 / 4", "2.5"],
    ["1 / 3", "0.3333"],
    ["ms / 0", undefined],
    ["`user.id`", "1"],
  ])("%s: %s", (expression, expected) => {
    const { rows } = run(`fields ${expression} as it`, requests.slice(0, 1));
    expect(rows[0]?.["it"]).toBe(expected);
  });
});

describe("the order of texts", () => {
  it("natural: digits by value, numbers last", () => {
    const values = ["a10", "a9", "7", "B", "5A", "111A"].map((v) => ({ v }));
    const sorted = column("fields v | sort v", values, "v");
    expect(sorted).toEqual(["5A", "111A", "B", "a9", "a10", "7"]);
  });
});

describe("queries that cannot be evaluated", () => {
  it.each([
    ["pattern @message", "Neargate does not evaluate the command pattern yet"],
    ["fields @message | diff", "Neargate does not evaluate the command diff yet"],
    ["fields jsonParse(@message)", "Neargate does not evaluate the function jsonParse yet"],
    ["frobnicate x", "unknown command frobnicate"],
    ["filter a = ", "unexpected symbol found end of query at line 1 and position 11"],
    ["fields a\n| filter (b", "unexpected symbol found end of query at line 2 and position 11"],
    ["fields count(*)", "unexpected symbol found count at line 1 and position 7"],
    ["stats level", "unexpected symbol found end of query at line 1 and position 11"],
    ["limit 0", "limit must be a number from 1 to 10000"],
    ["limit 10001", "limit must be a number from 1 to 10000"],
    ["parse 'a * b *' as one", "parse has 2 wildcards and 1 fields"],
    ["filter a like /(/", "invalid regular expression: ("],
    ["fields strlen()", "invalid number of arguments for strlen"],
    ["", "unexpected symbol found end of query at line 1 and position 0"],
    ["fields ~", "unexpected symbol found ~ at line 1 and position 7"],
    [`filter ${"(".repeat(100)}a${")".repeat(100)}`, "unexpected symbol found ("],
  ])("%j: %s", (query, words) => {
    const open = () => openQuery(query, { now: 0 });
    expect(open).toThrow(QueryError);
    expect(open).toThrow(words);
  });
});
