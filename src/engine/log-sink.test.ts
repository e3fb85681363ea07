import { describe, expect, it } from "vitest";
import { logDeliveryOf, logSinkOf, parseBufferSize } from "./log-sink.ts";

const task = { account: "000000000000", region: "us-east-1", id: "0123" };
const container = (logDriver: string, options: Record<string, string>) => ({
  name: "app",
  logConfiguration: { logDriver, options },
});

describe("where a container's lines go", () => {
  it("awslogs: prefix, container and task make the stream", () => {
    const options = { "awslogs-group": "/ecs/app", "awslogs-stream-prefix": "web" };
    expect(logSinkOf(task, container("awslogs", options))).toEqual({
      scope: { account: "000000000000", region: "us-east-1" },
      group: "/ecs/app",
      stream: "web/app/0123",
      createGroup: false,
    });
  });

  it("awslogs into another region: that region's group", () => {
    const options = { "awslogs-group": "g", "awslogs-region": "eu-west-1" };
    expect(logSinkOf(task, container("awslogs", options))?.scope.region).toBe("eu-west-1");
  });

  it("another driver, or none: nowhere", () => {
    expect(logSinkOf(task, container("splunk", {}))).toBeUndefined();
    expect(logSinkOf(task, { name: "app", logConfiguration: undefined })).toBeUndefined();
  });
});

describe("how lines leave a container", () => {
  it("no mode: the one of its task, non-blocking where that has none; 10 MiB of buffer", () => {
    const plain = container("awslogs", { "awslogs-group": "g" });
    expect(logDeliveryOf({}, plain)).toEqual({ mode: "non-blocking", bufferBytes: 10 * 1024 ** 2 });
    expect(logDeliveryOf({ defaultLogMode: "blocking" }, plain)?.mode).toBe("blocking");
  });

  it("its own mode and buffer: these", () => {
    const own = container("awslogs", { mode: "non-blocking", "max-buffer-size": "25m" });
    expect(logDeliveryOf({ defaultLogMode: "blocking" }, own)).toEqual({
      mode: "non-blocking",
      bufferBytes: 25 * 1024 ** 2,
    });
  });

  it("sizes: with a unit of any case or none; nothing else", () => {
    expect(["100", "4k", "1M", "2mb", "1GiB"].map(parseBufferSize)).toEqual([
      100,
      4096,
      1024 ** 2,
      2 * 1024 ** 2,
      1024 ** 3,
    ]);
    expect(["", "0", "-1m", "1t", "m"].map(parseBufferSize)).toEqual(Array(5).fill(undefined));
  });
});
