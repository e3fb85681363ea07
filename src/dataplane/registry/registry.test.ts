import { createHash } from "node:crypto";
import { createServer, request as httpRequest } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { manualClock } from "../../seams/clock.ts";
import { sequentialIds } from "../../seams/ids.ts";
import { recordingLogger } from "../../seams/logger.ts";
import { memoryBlobStore } from "./blob-memory.ts";
import type { PasswordVerdict, RegistryCatalog, StoredManifest } from "./port.ts";
import { createRegistry } from "./registry.ts";

const account = "000000000000";
const place = `${account}/us-east-1`;
const authorization = `Basic ${Buffer.from("AWS:good").toString("base64")}`;
const digestOf = (content: string): string =>
  `sha256:${createHash("sha256").update(content).digest("hex")}`;

/** What repositories `app` and `base` hold, with none of ECR's rules. */
function plainCatalog(): RegistryCatalog {
  const blobs = new Set<string>();
  const manifests = new Map<string, StoredManifest>();
  const known = new Set(["app", "base"]);
  const at = (repository: string, rest: string): string => `${repository}|${rest}`;
  return {
    explainMissing: ({ repository }) =>
      known.has(repository)
        ? undefined
        : { status: 404, code: "NAME_UNKNOWN", message: `no repository ${repository}` },
    hasBlob: ({ repository, digest }) => blobs.has(at(repository, digest)),
    addBlob: ({ repository, digest }) => void blobs.add(at(repository, digest)),
    mountBlob({ repository, digest }, from) {
      if (!blobs.has(at(from.repository, digest))) return false;
      blobs.add(at(repository, digest));
      return true;
    },
    findManifest: ({ repository }, reference) => manifests.get(at(repository, reference)),
    putManifest({ repository, digest, text, tag }) {
      if (text.includes("refuse me")) {
        return { status: 400, code: "TAG_INVALID", message: "tag is immutable" };
      }
      const manifest = { digest, mediaType: "x/y", artifactMediaType: undefined, text };
      manifests.set(at(repository, digest), manifest);
      if (tag) manifests.set(at(repository, tag), manifest);
      return undefined;
    },
    listTags: () => ["b", "a", "c"],
    listReferrers: () => [...manifests.values()],
  };
}

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

async function startRegistry() {
  const blobs = memoryBlobStore();
  const clock = manualClock();
  const logger = recordingLogger();
  const verify = (password: string): PasswordVerdict => {
    if (password === "good") {
      return { type: "valid", account, callerArn: `arn:aws:iam::${account}:root` };
    }
    return { type: password === "old" ? "expired" : "unreadable" };
  };
  const registry = createRegistry({
    blobs,
    catalog: plainCatalog(),
    passwords: { verify },
    clock,
    ids: sequentialIds(),
    logger,
  });
  const server = createServer((request, response) => void registry.handle(request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closers.push(async () => {
    await registry.stop();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const port = (server.address() as AddressInfo).port;
  const call = (path: string, init: RequestInit = {}): Promise<Response> =>
    fetch(new URL(path, `http://127.0.0.1:${port}`), {
      ...init,
      headers: { authorization, ...(init.headers as Record<string, string>) },
    });
  const begin = async (repository = "app"): Promise<string> => {
    const begun = await call(`/v2/${place}/${repository}/blobs/uploads/`, { method: "POST" });
    expect(begun.status).toBe(202);
    return begun.headers.get("location") ?? "";
  };
  const push = async (content: string, repository = "app"): Promise<string> => {
    const digest = digestOf(content);
    const path = `/v2/${place}/${repository}/blobs/uploads/?digest=${digest}`;
    const pushed = await call(path, { method: "POST", body: content });
    expect(pushed.status).toBe(201);
    return digest;
  };
  return { call, begin, push, blobs, clock, port, logger };
}

const errorOf = async (response: Response) => {
  const body = (await response.json()) as { errors: { code: string; message: string }[] };
  return { status: response.status, code: body.errors[0]?.code, message: body.errors[0]?.message };
};

describe("who may come in", () => {
  it("no password: challenged for Basic, with the protocol's version", async () => {
    const { port } = await startRegistry();
    const answer = await fetch(`http://127.0.0.1:${port}/v2/`);
    expect(answer.status).toBe(401);
    expect(answer.headers.get("www-authenticate")).toBe(
      `Basic realm="http://127.0.0.1:${port}/",service="ecr.amazonaws.com"`,
    );
    expect(answer.headers.get("docker-distribution-api-version")).toBe("registry/2.0");
  });

  it("a password that is not ours: challenged; an expired one: denied in AWS's words", async () => {
    const { call } = await startRegistry();
    const basic = (text: string) => ({
      headers: { authorization: `Basic ${Buffer.from(text).toString("base64")}` },
    });
    expect((await call("/v2/", basic("AWS:bad"))).status).toBe(401);
    expect((await call("/v2/", basic("root:good"))).status).toBe(401);
    expect(await errorOf(await call("/v2/", basic("AWS:old")))).toEqual({
      status: 403,
      code: "DENIED",
      message: "Your authorization token has expired. Reauthenticate and try again.",
    });
  });

  it("a good password: let in; another account's repository: denied", async () => {
    const { call } = await startRegistry();
    expect((await call("/v2/")).status).toBe(200);
    const other = await call("/v2/111111111111/us-east-1/app/tags/list");
    const error = await errorOf(other);
    expect(error).toMatchObject({ status: 403, code: "DENIED" });
    expect(error.message).toContain(
      "is not authorized to perform: ecr:BatchGetImage on resource: " +
        "arn:aws:ecr:us-east-1:111111111111:repository/app",
    );
  });

  it("a repository that is not there: its refusal, for a push too", async () => {
    const { call } = await startRegistry();
    const answer = await call(`/v2/${place}/nope/blobs/uploads/`, { method: "POST" });
    expect(await errorOf(answer)).toMatchObject({ status: 404, code: "NAME_UNKNOWN" });
  });

  it("AWS's own host name: the path holds the repository's name alone", async () => {
    const { port, push } = await startRegistry();
    const digest = await push("layer");
    const status = await new Promise((resolve, reject) => {
      const host = `${account}.dkr.ecr.us-east-1.amazonaws.com`;
      httpRequest(
        { port, path: `/v2/app/blobs/${digest}`, method: "HEAD", headers: { host, authorization } },
        (answer) => resolve(answer.resume().statusCode),
      )
        .on("error", reject)
        .end();
    });
    expect(status).toBe(200);
  });
});

describe("blobs", () => {
  it("POST, two PATCHes, PUT: there, and served whole and in part", async () => {
    const { call, begin } = await startRegistry();
    const location = await begin();
    const first = await call(location, { method: "PATCH", body: "hello " });
    expect(first.status).toBe(202);
    expect(first.headers.get("range")).toBe("0-5");
    const second = await call(location, {
      method: "PATCH",
      body: "world",
      headers: { "content-range": "6-10" },
    });
    expect(second.headers.get("range")).toBe("0-10");
    const digest = digestOf("hello world");
    const done = await call(`${location}?digest=${digest}`, { method: "PUT" });
    expect(done.status).toBe(201);
    expect(done.headers.get("docker-content-digest")).toBe(digest);

    const path = `/v2/${place}/app/blobs/${digest}`;
    const head = await call(path, { method: "HEAD" });
    expect([head.status, head.headers.get("content-length")]).toEqual([200, "11"]);
    expect(await (await call(path)).text()).toBe("hello world");
    const part = await call(path, { headers: { range: "bytes=6-" } });
    expect([part.status, await part.text()]).toEqual([206, "world"]);
    expect(part.headers.get("content-range")).toBe("bytes 6-10/11");
    const beyond = await call(path, { headers: { range: "bytes=11-" } });
    expect(beyond.status).toBe(416);
  });

  it("another repository's blob: not served until it is mounted", async () => {
    const { call, push } = await startRegistry();
    const digest = await push("shared", "base");
    const path = `/v2/${place}/app/blobs/${digest}`;
    expect(await errorOf(await call(path))).toMatchObject({ status: 404, code: "BLOB_UNKNOWN" });
    const query = `mount=${digest}&from=${place}/base`;
    const mounted = await call(`/v2/${place}/app/blobs/uploads/?${query}`, { method: "POST" });
    expect(mounted.status).toBe(201);
    expect(await (await call(path)).text()).toBe("shared");
  });

  it("a mount of what is not there: an ordinary upload begins", async () => {
    const { call } = await startRegistry();
    const query = `mount=${digestOf("x")}&from=${place}/base`;
    const answer = await call(`/v2/${place}/app/blobs/uploads/?${query}`, { method: "POST" });
    expect(answer.status).toBe(202);
  });

  it("bytes that hash to something else: refused, nothing kept, the upload is over", async () => {
    const { call, begin, blobs } = await startRegistry();
    const location = await begin();
    const put = await call(`${location}?digest=${digestOf("that")}`, {
      method: "PUT",
      body: "this",
    });
    expect(await errorOf(put)).toMatchObject({ status: 400, code: "DIGEST_INVALID" });
    expect(await blobs.list()).toEqual([]);
    expect(await errorOf(await call(location))).toMatchObject({ code: "BLOB_UPLOAD_UNKNOWN" });
  });

  it("a connection that breaks in a PATCH: the upload goes on from what came", async () => {
    const { call, begin, port } = await startRegistry();
    const location = await begin();
    const broken = httpRequest({
      port,
      path: location,
      method: "PATCH",
      headers: { authorization, "content-length": 100 },
    });
    const ended = new Promise((resolve) => broken.on("error", resolve));
    broken.write("half");
    const range = async () => (await call(location)).headers.get("range");
    await expect.poll(range).toBe("0-3");
    broken.destroy(new Error("gone"));
    await ended;
    const wrongPlace = await call(location, {
      method: "PATCH",
      body: "x",
      headers: { "content-range": "9-9" },
    });
    expect(wrongPlace.status).toBe(416);
    const digest = digestOf("half done");
    const goOn = async () =>
      (
        await call(location, {
          method: "PATCH",
          body: " done",
          headers: { "content-range": "4-8" },
        })
      ).status;
    // Until the server has noticed the break, the upload is the first request's.
    await expect.poll(goOn).toBe(202);
    expect((await call(`${location}?digest=${digest}`, { method: "PUT" })).status).toBe(201);
  });

  it("an upload left alone for an hour: forgotten", async () => {
    const { call, begin, clock } = await startRegistry();
    const location = await begin();
    await clock.advance(59 * 60_000);
    expect((await call(location)).status).toBe(204);
    await clock.advance(60_000);
    expect((await call(location)).status).toBe(404);
  });

  it("an upload called off: unknown from then on", async () => {
    const { call, begin } = await startRegistry();
    const location = await begin();
    expect((await call(location, { method: "DELETE" })).status).toBe(204);
    expect((await call(location, { method: "PATCH", body: "x" })).status).toBe(404);
  });

  it("another repository's upload id: unknown there", async () => {
    const { call, begin } = await startRegistry();
    const location = await begin("base");
    const elsewhere = location.replace("/base/", "/app/");
    expect((await call(elsewhere, { method: "PATCH", body: "x" })).status).toBe(404);
  });
});

describe("manifests", () => {
  const manifest = '{\n  "schemaVersion": 2,   "odd": "spacing"\n}\n';

  it("pushed by tag: the same bytes by tag and by digest", async () => {
    const { call } = await startRegistry();
    const put = await call(`/v2/${place}/app/manifests/v1`, { method: "PUT", body: manifest });
    expect(put.status).toBe(201);
    const digest = put.headers.get("docker-content-digest");
    expect(digest).toBe(digestOf(manifest));
    for (const reference of ["v1", digest]) {
      const got = await call(`/v2/${place}/app/manifests/${reference}`);
      expect(await got.text()).toBe(manifest);
      expect(got.headers.get("content-type")).toBe("x/y");
    }
    const head = await call(`/v2/${place}/app/manifests/v1`, { method: "HEAD" });
    expect(head.headers.get("docker-content-digest")).toBe(digest);
  });

  it("one that was never pushed: AWS's words", async () => {
    const { call } = await startRegistry();
    expect(await errorOf(await call(`/v2/${place}/app/manifests/nope`))).toEqual({
      status: 404,
      code: "MANIFEST_UNKNOWN",
      message: "Requested image not found",
    });
  });

  it("pushed under another digest: refused", async () => {
    const { call } = await startRegistry();
    const path = `/v2/${place}/app/manifests/${digestOf("other")}`;
    const put = await call(path, { method: "PUT", body: manifest });
    expect(await errorOf(put)).toMatchObject({ status: 400, code: "DIGEST_INVALID" });
  });

  it("refused by the catalogue: its code and words", async () => {
    const { call } = await startRegistry();
    const put = await call(`/v2/${place}/app/manifests/v1`, { method: "PUT", body: "refuse me" });
    expect(await errorOf(put)).toMatchObject({ status: 400, code: "TAG_INVALID" });
  });

  it("over 4 MiB: refused", async () => {
    const { call } = await startRegistry();
    const body = "x".repeat(4 * 1024 * 1024 + 1);
    const put = await call(`/v2/${place}/app/manifests/v1`, { method: "PUT", body });
    expect(await errorOf(put)).toMatchObject({ status: 400, code: "MANIFEST_INVALID" });
  });

  it("deleting: unsupported, as images go by BatchDeleteImage", async () => {
    const { call } = await startRegistry();
    const answer = await call(`/v2/${place}/app/manifests/v1`, { method: "DELETE" });
    expect(await errorOf(answer)).toMatchObject({ status: 405, code: "UNSUPPORTED" });
  });

  it("tags: in order, in pages that link on", async () => {
    const { call } = await startRegistry();
    const first = await call(`/v2/${place}/app/tags/list?n=2`);
    expect(await first.json()).toEqual({ name: `${place}/app`, tags: ["a", "b"] });
    const next = /<(.+)>/.exec(first.headers.get("link") ?? "")?.[1] ?? "";
    expect(await (await call(next)).json()).toEqual({ name: `${place}/app`, tags: ["c"] });
  });
});

describe("odd requests", () => {
  it.each([
    ["/v2/%E0%A4%A/app/tags/list", 400],
    ["/v2/app/tags/list", 404],
    [`/v2/${place}/app/blobs/sha256:zz`, 400],
    [`/v2/${place}/app/nonsense`, 404],
  ])("%s: %i and nothing in the error log", async (path, status) => {
    const { call, logger } = await startRegistry();
    expect((await call(path)).status).toBe(status);
    expect(logger.lines).toEqual([]);
  });
});
