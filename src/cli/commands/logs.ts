/** `neargate logs <group>`: what the tasks of a log group have written. */
import { type Command, CommandError, engineOptions, jsonOption } from "../command.ts";
import { findEngine } from "../engine-client.ts";

type Page = {
  readonly events?: readonly { timestamp: number; message: string; logStreamName: string }[];
  readonly nextToken?: string;
};

export const logs: Command = {
  name: "logs",
  summary: "Print the events of a log group.",
  usage: "logs <log group> [options]",
  options: {
    ...engineOptions,
    ...jsonOption,
    region: {
      type: "string",
      value: "<region>",
      help: "the group's region (default: the environment's or the engine's)",
    },
    filter: {
      type: "string",
      value: "<pattern>",
      help: "a filter pattern, as for FilterLogEvents",
    },
  },
  async run(input, io) {
    const [group] = input.positionals;
    if (!group)
      throw new CommandError("say which log group, for example: neargate logs /ecs/hello");
    const engine = findEngine(input, io);
    const region =
      (input.options["region"] as string | undefined) ??
      io.env["AWS_REGION"] ??
      (await regionOf(engine));
    let token: string | undefined;
    do {
      const page = (await engine.aws("logs", region, "Logs_20140328.FilterLogEvents", {
        logGroupName: group,
        filterPattern: input.options["filter"],
        nextToken: token,
      })) as Page;
      for (const event of page.events ?? []) {
        io.out(input.options["json"] ? JSON.stringify(event) : lineOf(event));
      }
      token = page.nextToken;
    } while (token);
    return 0;
  },
};

const lineOf = (event: { timestamp: number; message: string; logStreamName: string }): string =>
  `${new Date(event.timestamp).toISOString()} ${event.logStreamName} ${event.message}`;

async function regionOf(engine: ReturnType<typeof findEngine>): Promise<string> {
  return ((await engine.get("health")) as { region: string }).region;
}
