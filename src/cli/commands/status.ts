/** `neargate status`: what runs, where to reach it, and why it does not. */
import { type Command, engineOptions, jsonOption } from "../command.ts";
import { findEngine } from "../engine-client.ts";
import { formatTable } from "../table.ts";

/** As `/_neargate/status` answers. */
export type StatusAnswer = {
  readonly endpoint: string;
  readonly engineId: string;
  readonly runtime: string;
  readonly components: Readonly<Record<string, string>>;
  readonly portProblems: readonly { readonly port: number; readonly reason: string }[];
  readonly services: readonly {
    readonly region: string;
    readonly cluster: string;
    readonly service: string;
    readonly status: string;
    readonly desired: number;
    readonly running: number;
    readonly pending: number;
    readonly steady: boolean;
    readonly urls: readonly string[];
    readonly lastStopped?: { readonly task: string; readonly reason: string };
    readonly failingChecks: readonly string[];
    readonly lastEvent?: string;
  }[];
  readonly tasks: readonly {
    readonly region: string;
    readonly cluster: string;
    readonly task: string;
    readonly definition: string;
    readonly status: string;
    readonly address?: string;
    readonly group: string;
  }[];
};

export const status: Command = {
  name: "status",
  summary: "Show services, tasks and URLs, and why a service is not steady.",
  usage: "status [options]",
  options: { ...engineOptions, ...jsonOption },
  async run(input, io) {
    const answer = (await findEngine(input, io).get("status")) as StatusAnswer;
    io.out(input.options["json"] ? JSON.stringify(answer, undefined, 2) : formatStatus(answer));
    return 0;
  },
};

/** The page a person reads. */
export function formatStatus(answer: StatusAnswer): string {
  const parts = [headline(answer)];
  if (answer.services.length === 0) parts.push("no services");
  else
    parts.push(
      formatTable(
        ["SERVICE", "CLUSTER", "REGION", "DESIRED", "RUNNING", "STATE", "URL"],
        answer.services.map(serviceRow),
      ),
    );
  const troubles = answer.services.flatMap(troublesOf);
  if (troubles.length > 0) parts.push(troubles.join("\n"));
  if (answer.tasks.length > 0) {
    parts.push(
      formatTable(
        ["TASK", "GROUP", "DEFINITION", "ADDRESS", "STATUS"],
        answer.tasks.map((task) => [
          task.task,
          task.group,
          task.definition,
          task.address ?? "-",
          task.status,
        ]),
      ),
    );
  }
  for (const problem of answer.portProblems) {
    parts.push(`port ${problem.port} of this machine cannot be used: ${problem.reason}`);
  }
  return parts.join("\n\n");
}

function headline(answer: StatusAnswer): string {
  const waiting = Object.entries(answer.components).filter(([, state]) => state !== "ready");
  const line = `engine ${answer.engineId} at ${answer.endpoint}, runtime ${answer.runtime}`;
  return [line, ...waiting.map(([name, state]) => `${name}: ${state}`)].join("\n");
}

type ServiceLine = StatusAnswer["services"][number];

function serviceRow(service: ServiceLine): string[] {
  const state =
    service.status === "ACTIVE" ? (service.steady ? "steady" : "not steady") : service.status;
  return [
    service.service,
    service.cluster,
    service.region,
    String(service.desired),
    String(service.running),
    state,
    service.urls.join(" ") || "-",
  ];
}

function troublesOf(service: ServiceLine): string[] {
  if (service.steady || service.status !== "ACTIVE") return [];
  const lines = [`${service.service} is not steady:`];
  if (service.lastStopped)
    lines.push(`  last stopped task ${service.lastStopped.task}: ${service.lastStopped.reason}`);
  for (const check of service.failingChecks) lines.push(`  failing check: ${check}`);
  if (service.lastEvent) lines.push(`  last event: ${service.lastEvent}`);
  return lines;
}
