/** `neargate reset`: everything goes, host objects and state; the engine stays up. */
import { type Command, engineOptions } from "../command.ts";
import { findEngine } from "../engine-client.ts";

export const reset: Command = {
  name: "reset",
  summary: "Delete every resource of every account; the engine stays up, empty.",
  usage: "reset [options]",
  options: engineOptions,
  async run(input, io) {
    await findEngine(input, io).post("reset");
    io.out("reset");
    return 0;
  },
};
