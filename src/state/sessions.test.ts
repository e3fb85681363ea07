import { describe, expect, it } from "vitest";
import { accountOfAccessKeyId } from "../model/access-key-id.ts";
import { sequentialIds } from "../seams/ids.ts";
import { memorySealing } from "../seams/sealing.ts";
import { isOurToken, issueSession, openSession, type SessionContent } from "./sessions.ts";

const content: SessionContent = {
  account: "111122223333",
  holder: { type: "root" },
  tags: [{ key: "team", value: "ä" }],
};

describe("session credentials", () => {
  it("issued: the token opens to what was put in, with its key, secret and end", () => {
    const sealing = memorySealing();
    const wall = Date.UTC(2026, 0, 1) + 250;
    const issued = issueSession({ sealing, ids: sequentialIds(), wall }, content, 900);
    const { sessionToken, ...keys } = issued;
    expect(accountOfAccessKeyId(issued.accessKeyId)).toBe(content.account);
    expect(issued.secretAccessKey).toMatch(/^[A-Za-z0-9+/]{40}$/);
    expect(issued.expiresAt).toBe(Date.UTC(2026, 0, 1, 0, 15));
    expect(openSession(sealing, sessionToken)).toMatchObject({ ...content, ...keys });
  });

  it("a token that was changed, of another engine, or of AWS: not opened", () => {
    const sealing = memorySealing();
    const tools = { sealing, ids: sequentialIds(), wall: 0 };
    const { sessionToken } = issueSession(tools, content, 900);
    expect(openSession(memorySealing(), sessionToken)).toBeUndefined();
    expect(openSession(sealing, `${sessionToken.slice(0, -8)}AAAAAAA=`)).toBeUndefined();
    expect(openSession(sealing, "IQoJb3JpZ2luX2Vj")).toBeUndefined();
    expect([isOurToken(sessionToken), isOurToken("IQoJb3JpZ2luX2Vj")]).toEqual([true, false]);
  });
});
