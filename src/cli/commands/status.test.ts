import { describe, expect, it } from "vitest";
import { formatStatus, type StatusAnswer } from "./status.ts";

const service: StatusAnswer["services"][number] = {
  region: "ap-northeast-1",
  cluster: "hello",
  service: "web",
  status: "ACTIVE",
  desired: 2,
  running: 2,
  pending: 0,
  steady: true,
  urls: ["http://web-1.ap-northeast-1.elb.localhost/"],
  failingChecks: [],
};

const answer = (changes: Partial<StatusAnswer> = {}): StatusAnswer => ({
  endpoint: "http://127.0.0.1:4566",
  engineId: "abcdef",
  runtime: "docker",
  components: { network: "ready", runtime: "ready" },
  portProblems: [],
  services: [service],
  tasks: [],
  ...changes,
});

describe("status page", () => {
  it("a steady service: its counts and URL, nothing else", () => {
    const page = formatStatus(answer());
    expect(page).toContain("steady");
    expect(page).toContain("http://web-1.ap-northeast-1.elb.localhost/");
    expect(page).not.toContain("not steady");
  });

  it("a service that is not steady: the last stopped task's reason and the failing check", () => {
    const lastStopped = { task: "0123", reason: "CannotPullContainerError: x: not found" };
    const failingChecks = ["10.0.10.4:80 Target.Timeout: Request timed out"];
    const page = formatStatus(
      answer({ services: [{ ...service, running: 0, steady: false, lastStopped, failingChecks }] }),
    );
    expect(page).toContain("web is not steady:");
    expect(page).toContain("last stopped task 0123: CannotPullContainerError: x: not found");
    expect(page).toContain("failing check: 10.0.10.4:80 Target.Timeout: Request timed out");
  });

  it("a port that cannot be bound and a component that failed: said", () => {
    const page = formatStatus(
      answer({
        portProblems: [{ port: 80, reason: "taken by another program" }],
        components: { network: "ready", runtime: "failed: no dockerd" },
      }),
    );
    expect(page).toContain("port 80 of this machine cannot be used: taken by another program");
    expect(page).toContain("runtime: failed: no dockerd");
  });
});
