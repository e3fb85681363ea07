/** `neargate explain`: why a packet gets through, or which step stops it. */
import { type Command, CommandError, engineOptions, jsonOption, stringOption } from "../command.ts";
import { findEngine } from "../engine-client.ts";
import { formatTable } from "../table.ts";

/** As `/_neargate/explain` answers. */
export type ExplainAnswer = {
  readonly open: boolean;
  readonly from: string;
  readonly to: string;
  readonly flow: { readonly protocol: string; readonly port?: number };
  readonly steps: readonly {
    readonly stage: string;
    readonly at: string;
    readonly passes: boolean;
    readonly says: string;
    readonly remedy?: string;
  }[];
};

export const explain: Command = {
  name: "explain",
  summary: "Say whether one end reaches another, and which step stops it.",
  usage: "explain <from> <to> [port] [options]",
  options: {
    protocol: { type: "string", value: "<name>", help: "tcp (default), udp or icmp" },
    ...engineOptions,
    ...jsonOption,
  },
  async run(input, io) {
    const [from, to, port = "443"] = input.positionals;
    if (from === undefined || to === undefined) {
      throw new CommandError(
        "say two ends: a task, a service, an interface, a load balancer, an address, 'internet' or an AWS service",
      );
    }
    const protocol = stringOption(input, "protocol") ?? "tcp";
    const query = new URLSearchParams({ from, to, port, protocol });
    const answer = (await findEngine(input, io).get(`explain?${query}`)) as ExplainAnswer;
    io.out(input.options["json"] ? JSON.stringify(answer, undefined, 2) : formatExplain(answer));
    return answer.open ? 0 : 1;
  },
};

/** The screen a person reads. */
export function formatExplain({ open, from, to, flow, steps }: ExplainAnswer): string {
  const what = flow.protocol === "icmp" ? "icmp echo" : `${flow.protocol} ${flow.port}`;
  const rows = steps.map(({ stage, at, passes, says }) => [
    passes ? "ok" : "STOP",
    stage,
    at,
    says,
  ]);
  const remedy = steps.at(-1)?.remedy;
  return [
    `${from} -> ${to}, ${what}: ${open ? "gets through" : "does not get through"}`,
    formatTable(["", "STEP", "AT", "WHY"], rows),
    ...(remedy === undefined ? [] : [remedy]),
  ].join("\n\n");
}
