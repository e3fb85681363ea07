import { describe, expect, it } from "vitest";
import type { ContainerSpec } from "../port.ts";
import { containerBody, nameFiles, sandboxBody } from "./translate.ts";

const spec: ContainerSpec = {
  taskId: "t1",
  name: "app",
  sandboxId: "box",
  imageId: "sha256:i",
  entryPoint: undefined,
  command: ["serve", "--all"],
  environment: [{ name: "A", value: "1=2" }],
  workingDirectory: undefined,
  user: undefined,
  cpuUnits: 0,
  cpuLimitUnits: 512,
  memoryLimitBytes: 1024,
  labels: { own: "x", "neargate.engine": "forged" },
};

describe("bodies for the Docker Engine API", () => {
  it("a container: joins the sandbox, has limits without swap, and labels nobody can forge", () => {
    const body = containerBody("abc123", spec);
    expect(body).toMatchObject({
      name: "ngabc123-t1-app",
      Cmd: ["serve", "--all"],
      Env: ["A=1=2"],
      Labels: { own: "x", "neargate.engine": "abc123", "neargate.task": "t1" },
      HostConfig: {
        NetworkMode: "container:box",
        CpuShares: 2,
        CpuPeriod: 100_000,
        CpuQuota: 50_000,
        Memory: 1024,
        MemorySwap: 1024,
      },
    });
    expect(body).not.toHaveProperty("Entrypoint");
  });

  it("no limits asked for: none set", () => {
    const free = { ...spec, cpuLimitUnits: undefined, memoryLimitBytes: undefined };
    expect(containerBody("abc123", free).HostConfig).not.toHaveProperty("CpuQuota");
    expect(containerBody("abc123", free).HostConfig).not.toHaveProperty("Memory");
  });

  it("no health check: the image's own is switched off", () => {
    expect(containerBody("abc123", spec).Healthcheck).toEqual({ Test: ["NONE"] });
  });

  it("a health check: in nanoseconds, at the same interval while the container starts", () => {
    const healthCheck = {
      command: ["CMD-SHELL", "x"],
      interval: 5,
      timeout: 2,
      retries: 3,
      startPeriod: 1,
    };
    expect(containerBody("abc123", { ...spec, healthCheck }).Healthcheck).toEqual({
      Test: ["CMD-SHELL", "x"],
      Interval: 5e9,
      StartInterval: 5e9,
      Timeout: 2e9,
      Retries: 3,
      StartPeriod: 1e9,
    });
  });

  it("settings of the process, and volumes that are the task's", () => {
    const body = containerBody("abc123", {
      ...spec,
      init: true,
      addCapabilities: ["SYS_PTRACE"],
      dropCapabilities: ["NET_RAW"],
      readonlyRootFilesystem: true,
      terminal: true,
      openStdin: true,
      ulimits: [{ name: "nofile", soft: 1, hard: 2 }],
      kernelParameters: { "net.core.somaxconn": "9" },
      memoryMounts: [
        { path: "/run", sizeMiB: 16, options: ["noexec", "mode=0755"] },
        { path: "/tmp", sizeMiB: 1, options: [] },
      ],
      mounts: [{ volume: "data", path: "/data", readOnly: true }],
      mountsFrom: [{ container: "side", readOnly: true }],
    });
    expect(body).toMatchObject({
      Tty: true,
      OpenStdin: true,
      HostConfig: {
        Init: true,
        CapAdd: ["SYS_PTRACE"],
        CapDrop: ["NET_RAW"],
        ReadonlyRootfs: true,
        Ulimits: [{ Name: "nofile", Soft: 1, Hard: 2 }],
        Sysctls: { "net.core.somaxconn": "9" },
        Tmpfs: { "/run": "noexec,mode=0755,size=16m", "/tmp": "size=1m" },
        Mounts: [
          {
            Type: "volume",
            Source: "ngabc123-t1-data",
            Target: "/data",
            ReadOnly: true,
            VolumeOptions: { Labels: { "neargate.engine": "abc123", "neargate.task": "t1" } },
          },
        ],
        VolumesFrom: ["ngabc123-t1-side:ro"],
      },
    });
  });

  const sandbox = {
    taskId: "t1",
    hostname: "ip-10-0-0-9.ec2.internal",
    dnsServers: ["10.0.0.2"],
    dnsSearch: ["ec2.internal"],
    address: "10.0.0.9",
  };

  it("a sandbox made for its task: hostname, name servers and hosts are its own", () => {
    expect(sandboxBody("abc123", sandbox)).toMatchObject({
      name: "ngabc123-t1",
      Hostname: "ip-10-0-0-9.ec2.internal",
      HostConfig: {
        NetworkMode: "none",
        Dns: ["10.0.0.2"],
        DnsSearch: ["ec2.internal"],
        ExtraHosts: ["ip-10-0-0-9.ec2.internal:10.0.0.9"],
      },
    });
  });

  it("a sandbox made ahead: both its names lead to the task's address", () => {
    const files = nameFiles(sandbox, "4f56ebbd442b");
    expect(files.hosts).toContain("10.0.0.9\tip-10-0-0-9.ec2.internal 4f56ebbd442b\n");
    expect(files.resolvConf).toBe("search ec2.internal\nnameserver 10.0.0.2\n");
    expect(files.hostname).toBe("ip-10-0-0-9.ec2.internal\n");
  });
});
