/** `neargate env`: what a shell must export so that AWS's own tools talk to the engine. */
import { type Command, engineOptions, jsonOption } from "../command.ts";
import { findEngine } from "../engine-client.ts";

export const env: Command = {
  name: "env",
  summary: 'Print the environment for AWS tools: eval "$(neargate env)".',
  usage: "env [options]",
  options: { ...engineOptions, ...jsonOption },
  async run(input, io) {
    const engine = findEngine(input, io);
    const { variables } = (await engine.get("env")) as { variables: Record<string, string> };
    if (input.options["json"]) {
      io.out(JSON.stringify(variables, undefined, 2));
      return 0;
    }
    for (const [name, value] of Object.entries(variables)) io.out(`export ${name}=${quote(value)}`);
    return 0;
  },
};

const quote = (text: string): string =>
  /^[\w.:/@-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
